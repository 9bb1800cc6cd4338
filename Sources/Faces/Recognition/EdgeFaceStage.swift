import NN
import Torch

/// A block of an EdgeFace stage: [batch, channels, height, width] -> same shape.
public class EdgeFaceBlock: Module {}

/// Halves the resolution (all stages but the first), then applies its blocks.
public final class EdgeFaceStage: Module {
    /// Empty, or layer normalisation over channels (key "downsample.0") and a 2x2 convolution of stride 2.
    public let downsample: [Module]
    public let blocks: [EdgeFaceBlock]

    init(_ stage: Int, of configuration: EdgeFaceConfiguration, in context: Context) throws(TorchError) {
        let width = configuration.widths[stage]
        if stage > 0 {
            let before = configuration.widths[stage - 1]
            downsample = [
                try LayerNorm([before], eps: 1e-6, in: context),
                try Conv2d(before, width, kernel: 2, stride: 2, in: context),
            ]
        } else {
            downsample = []
        }
        let depth = configuration.depths[stage]
        let locals = depth - configuration.globalBlocks[stage]
        var blocks: [EdgeFaceBlock] = []
        for block in 0..<depth {
            blocks.append(
                block < locals
                    ? try EdgeFaceConvBlock(width, kernel: configuration.kernels[stage], in: context)
                    : try EdgeFaceTransposeBlock(
                        width, scales: configuration.scales[stage], heads: configuration.heads[stage],
                        positional: configuration.positional[stage], in: context))
        }
        self.blocks = blocks
        super.init()
    }

    /// [batch, channels, height, width] -> [batch, width, height / 2, width / 2] (first stage: same size).
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var x = x
        if let norm = downsample.first, let conv = downsample.last {
            x = try conv(norm(x.permute([0, 2, 3, 1])).permute([0, 3, 1, 2]))
        }
        for block in blocks { x = try block(x) }
        return x
    }
}
