import NN
import Torch

/// dlib's face recogniser (King 2017, `dlib_face_recognition_resnet_model_v1`): a ResNet of 29 convolutions trained with a
/// metric loss. Its per-channel scales and shifts are folded into the weights by the converter.
public final class DlibFaceNet: Module, FaceRecogniser {
    public let stem: Conv2d
    public let blocks: [DlibResidualBlock]
    /// [128, 256], no bias.
    public let fc: Linear

    public var name: String { "dlib" }
    public var alignment: AlignmentTemplate { .dlib150 }
    public var embeddingDimension: Int { 128 }

    /// Channels and stride of each block.
    private static let plan = [
        (32, 1), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1), (64, 1), (128, 2), (128, 1), (128, 1), (256, 2),
        (256, 1), (256, 1), (256, 2),
    ]
    /// Mean colour of the training images, 0…255.
    private static let mean: [Float] = [122.782, 117.001, 104.298]

    public init(in context: Context) throws(TorchError) {
        stem = try Conv2d(3, 32, kernel: 7, stride: 2, in: context)
        var blocks: [DlibResidualBlock] = []
        var channels = 32
        for (width, stride) in Self.plan {
            blocks.append(try DlibResidualBlock(channels, width, stride: stride, in: context))
            channels = width
        }
        self.blocks = blocks
        fc = try Linear(channels, 128, bias: false, in: context)
        super.init()
    }

    /// Loads converted weights, frozen and in evaluation mode.
    public convenience init(weights path: String, device: Device = .cpu) throws(TorchError) {
        try self.init(in: Context(device: device, seed: 0))
        try load(contentsOf: path)
        try evaluate().requiresGrad_(false)
    }

    /// - Parameter x: RGB in 0…255, [batch, 3, 150, 150], dlib's face chip with padding 0.25.
    /// - Returns: dlib's descriptors [batch, 128], not normalised. Published use: two faces are of one person when the
    ///   Euclidean distance is below 0.6.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.requireFaces(150, for: name)
        let mean = try Tensor(values: Self.mean, shape: [1, 3, 1, 1], device: x.device).to(dtype: x.dtype)
        var y = try stem(((x - mean) * (1.0 / 256)).channelsLast()).relu().maxPool2d(kernel: 3, stride: 2)
        for block in blocks { y = try block(y) }
        return try fc(y.mean([2, 3]))
    }

    public func embed(_ faces: Tensor) throws(TorchError) -> Tensor {
        try self(faces * 127.5 + 127.5).l2Normalised(dim: 1)
    }
}

/// Two 3x3 convolutions beside a shortcut. With stride 2 the first convolution has no padding and the shortcut averages 2x2
/// blocks; whichever of the two is smaller, in channels or in size, is filled with zeros, as dlib's `add_prev` does.
public final class DlibResidualBlock: Module {
    public let conv1: Conv2d
    public let conv2: Conv2d
    private let stride: Int

    init(_ input: Int, _ output: Int, stride: Int, in context: Context) throws(TorchError) {
        conv1 = try Conv2d(
            input, output, kernel: 3, stride: stride, padding: stride == 1 ? 1 : 0, in: context)
        conv2 = try Conv2d(output, output, kernel: 3, padding: 1, in: context)
        self.stride = stride
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let y = try conv2(conv1(x).relu())
        guard stride > 1 else { return try (x + y).relu() }
        let shortcut = try x.avgPool2d(kernel: 2)
        let shape = (1...3).map { max(y.size($0), shortcut.size($0)) }
        return try (Self.filled(shortcut, to: shape) + Self.filled(y, to: shape)).relu()
    }

    /// Zeros behind the last channel, row and column. `shape`: [channels, height, width].
    private static func filled(_ x: Tensor, to shape: [Int]) throws(TorchError) -> Tensor {
        let missing = (0..<3).map { shape[$0] - x.size($0 + 1) }
        guard missing.contains(where: { $0 > 0 }) else { return x }
        return try x.pad([0, missing[2], 0, missing[1], 0, missing[0]])
    }
}
