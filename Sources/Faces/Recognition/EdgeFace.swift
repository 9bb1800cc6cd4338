import NN
import Torch

/// EdgeFace (George et al. 2023, "EdgeFace: Efficient Face Recognition Model for Edge Devices"), a small differentiable
/// face recogniser: an EdgeNeXt trunk (Maaz et al. 2022) with a linear embedding.
///
/// Keys equal those of timm's `edgenext_xx_small` with `num_classes=512`.
public final class EdgeFace: Module {
    /// Side of the aligned face in pixels (ArcFace's five-point template).
    public static let inputSize = 112

    public let configuration: EdgeFaceConfiguration
    /// A 4x4 convolution of stride 4 and layer normalisation over channels.
    public let stem: [Module]
    public let stages: [EdgeFaceStage]
    public let head: EdgeFaceHead

    /// - Throws: `TorchError.invalidArgument` if the configuration describes no network.
    public init(_ configuration: EdgeFaceConfiguration = .xxs, in context: Context) throws(TorchError) {
        if let problem = configuration.problem { throw .invalidArgument("EdgeFace: \(problem)") }
        self.configuration = configuration
        stem = [
            try Conv2d(3, configuration.widths[0], kernel: 4, stride: 4, in: context),
            try LayerNorm([configuration.widths[0]], eps: 1e-6, in: context),
        ]
        var stages: [EdgeFaceStage] = []
        for stage in 0..<4 { stages.append(try EdgeFaceStage(stage, of: configuration, in: context)) }
        self.stages = stages
        head = try EdgeFaceHead(configuration.widths[3], embedding: configuration.embedding, in: context)
        super.init()
    }

    /// Embeds aligned faces.
    /// - Parameter x: RGB in [-1, 1], [batch, 3, height, width]; published for 112x112, both sides at least 32.
    /// - Returns: embeddings [batch, embedding], not normalised; compare by cosine.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        guard x.rank == 4, x.size(1) == 3, x.size(2) >= 32, x.size(3) >= 32 else {
            throw .invalidArgument(
                "EdgeFace: input is \(x.shape), expected [batch, 3, height >= 32, width >= 32]")
        }
        var features = try stem[0](x.channelsLast())
        features = try stem[1](features.permute([0, 2, 3, 1])).permute([0, 3, 1, 2])
        for stage in stages { features = try stage(features) }
        return try head(features)
    }

    /// As `callAsFunction`, scaled to unit length: dot products are cosines.
    public func embed(_ x: Tensor) throws(TorchError) -> Tensor { try self(x).l2Normalised(dim: 1) }
}
