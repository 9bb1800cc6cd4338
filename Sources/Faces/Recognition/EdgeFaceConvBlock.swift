import NN
import Torch

/// EdgeNeXt's local block: depthwise convolution, layer normalisation, pointwise MLP, layer scale, shortcut.
public final class EdgeFaceConvBlock: EdgeFaceBlock {
    @Child public var depthwise: Conv2d
    public let norm: LayerNorm
    public let mlp: EdgeFaceMLP
    @Parameter public var gamma: Tensor

    init(_ width: Int, kernel: Int, in context: Context) throws(TorchError) {
        _depthwise = Child(
            try Conv2d(width, width, kernel: kernel, padding: kernel / 2, groups: width, in: context),
            key: "conv_dw")
        norm = try LayerNorm([width], eps: 1e-6, in: context)
        mlp = try EdgeFaceMLP(width, in: context)
        _gamma = try Parameter(Initialiser.constant(1e-6).make([width], in: context))
        super.init()
    }

    /// [batch, width, height, width] -> same shape.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        // With channels last in memory both permutations are views.
        let inner = try norm(depthwise(x).permute([0, 2, 3, 1]))
        return try x + mlp(inner, scaledBy: gamma).permute([0, 3, 1, 2])
    }
}
