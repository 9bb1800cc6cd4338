import NN
import Torch

/// MediaPipe's face mesh (Kartynnik et al. 2019, "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs"):
/// 468 points of the face in a crop of 192 pixels, and whether there is a face at all.
public final class FaceMesh: Module {
    /// Side of the input in pixels.
    public static let inputSize = 192
    public static let pointCount = 468

    public let stem: Stem
    public let trunk: [FaceMeshBlock]
    public let mesh: FaceMeshHead
    public let presence: FaceMeshHead

    /// What the network says of a batch.
    public struct Output {
        /// (x, y, depth) in pixels of the crop, [batch, 468, 3]. Depth is relative to the face's middle, in the same
        /// scale, smaller towards the viewer.
        public var points: Tensor
        /// Logit of a face being present, [batch].
        public var presence: Tensor
    }

    /// A 3x3 convolution of stride 2, [batch, 3, h, w] -> [batch, 16, h / 2, w / 2].
    public final class Stem: Module {
        public let conv: Conv2d
        public let relu: PReLU

        init(in context: Context) throws(TorchError) {
            conv = try Conv2d(3, 16, kernel: 3, stride: 2, in: context)
            relu = try PReLU(16, in: context)
            super.init()
        }

        public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
            // TensorFlow's "same" padding of an even side: only behind the last row and column.
            try relu(conv(x.pad([0, 1, 0, 1])))
        }
    }

    /// Channels and stride of the trunk's blocks.
    private static let plan = [
        (16, 1), (16, 1), (32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1), (128, 2), (128, 1), (128, 1),
        (128, 2), (128, 1), (128, 1),
    ]

    public init(in context: Context) throws(TorchError) {
        stem = try Stem(in: context)
        var blocks: [FaceMeshBlock] = []
        var channels = 16
        for (width, stride) in Self.plan {
            blocks.append(try FaceMeshBlock(channels, width, stride: stride, in: context))
            channels = width
        }
        trunk = blocks
        mesh = try FaceMeshHead(channels, 3 * Self.pointCount, blocks: 3, in: context)
        presence = try FaceMeshHead(channels, 1, blocks: 1, in: context)
        super.init()
    }

    /// Loads converted weights, frozen and in evaluation mode.
    public convenience init(weights path: String, device: Device = .cpu) throws(TorchError) {
        try self.init(in: Context(device: device, seed: 0))
        try load(contentsOf: path)
        try evaluate().requiresGrad_(false)
    }

    /// - Parameter x: RGB in [0, 1], [batch, 3, 192, 192].
    public func output(_ x: Tensor) throws(TorchError) -> Output {
        try x.requireFaces(Self.inputSize, for: "FaceMesh")
        var y = try stem(x.channelsLast())
        for block in trunk { y = try block(y) }
        return Output(
            points: try mesh(y).reshape([x.size(0), Self.pointCount, 3]),
            presence: try presence(y).reshape([x.size(0)]))
    }

    /// The points alone, [batch, 468, 3]. See `output(_:)`.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try output(x).points }
}
