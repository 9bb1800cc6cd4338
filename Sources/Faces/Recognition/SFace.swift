import NN
import Torch

/// SFace (Zhong et al. 2021, "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition") as published in
/// OpenCV's model zoo, 2021dec: a MobileNet (v1) with PReLU. Its batch normalisations are folded into the weights by the
/// converter, so the network is the same while training and evaluating.
public final class SFace: Module, FaceRecogniser {
    public let stem: SFaceUnit
    public let blocks: [SFaceBlock]
    /// [128, 1024 · 7 · 7].
    public let fc: Linear

    public var name: String { "SFace" }
    public var alignment: AlignmentTemplate { .arcFace112 }
    public var embeddingDimension: Int { 128 }

    /// Output channels and stride of each block.
    private static let plan = [
        (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1),
        (512, 1), (1024, 2), (1024, 1),
    ]

    public init(in context: Context) throws(TorchError) {
        stem = try SFaceUnit(3, 32, kernel: 3, in: context)
        var blocks: [SFaceBlock] = []
        var channels = 32
        for (width, stride) in Self.plan {
            blocks.append(try SFaceBlock(channels, width, stride: stride, in: context))
            channels = width
        }
        self.blocks = blocks
        fc = try Linear(channels * 49, 128, in: context)
        super.init()
    }

    /// Loads converted weights, frozen and in evaluation mode.
    public convenience init(weights path: String, device: Device = .cpu) throws(TorchError) {
        try self.init(in: Context(device: device, seed: 0))
        try load(contentsOf: path)
        try evaluate().requiresGrad_(false)
    }

    /// - Parameter x: RGB in 0…255 as published, [batch, 3, 112, 112], aligned by ArcFace's template.
    /// - Returns: embeddings [batch, 128], not normalised; compare by cosine.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.requireFaces(112, for: name)
        return try features((x - 127.5) * 0.0078125)
    }

    public func embed(_ faces: Tensor) throws(TorchError) -> Tensor {
        try faces.requireFaces(112, for: name)
        return try features(faces * (127.5 * 0.0078125)).l2Normalised(dim: 1)
    }

    private func features(_ x: Tensor) throws(TorchError) -> Tensor {
        var x = try stem(x.channelsLast())
        for block in blocks { x = try block(x) }
        return try fc(x.flatten(from: 1))
    }
}

/// Depthwise 3x3, then pointwise convolution. [batch, in, h, w] -> [batch, out, ceil(h / stride), ceil(w / stride)].
public final class SFaceBlock: Module {
    public let depthwise: SFaceUnit
    public let pointwise: SFaceUnit

    init(_ input: Int, _ output: Int, stride: Int, in context: Context) throws(TorchError) {
        depthwise = try SFaceUnit(input, input, kernel: 3, stride: stride, groups: input, in: context)
        pointwise = try SFaceUnit(input, output, kernel: 1, in: context)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try pointwise(depthwise(x))
    }
}

/// Convolution with one learnt slope per channel below zero.
public final class SFaceUnit: Module {
    public let conv: Conv2d
    public let relu: PReLU

    init(
        _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, groups: Int = 1, in context: Context
    ) throws(TorchError) {
        conv = try Conv2d(
            input, output, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups, in: context)
        relu = try PReLU(output, in: context)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try relu(conv(x)) }
}
