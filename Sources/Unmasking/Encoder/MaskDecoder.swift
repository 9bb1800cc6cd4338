import NN
import Torch

/// Predicts the alpha of the face mask: from the finest pyramid level up, with a lateral connection to the trunk at every
/// doubling, and to the image itself at full size.
public final class MaskDecoder: Module {
    public let reduce: Conv2d
    /// 1x1 convolutions of the trunk's (at full size the image's) features, one per doubling.
    public let laterals: [Conv2d]
    public let refine: [Conv2d]
    public let norms: [Module]
    public let output: Conv2d

    /// - Parameters:
    ///   - pyramid: channels of the finest pyramid level.
    ///   - laterals: channels of the feature maps of the following doublings.
    init(
        pyramid: Int, laterals: [Int], channels: Int, normalization: EncoderConfiguration.Normalization,
        in context: Context
    ) throws(TorchError) {
        let bias = normalization.needsBias
        reduce = try Conv2d(pyramid, channels, kernel: 1, in: context)
        var lateral: [Conv2d] = []
        var refine: [Conv2d] = []
        var norms: [Module] = []
        for input in laterals {
            lateral.append(try Conv2d(input, channels, kernel: 1, bias: false, in: context))
            refine.append(try Conv2d(channels, channels, kernel: 3, padding: 1, bias: bias, in: context))
            norms.append(try normalization.module(channels, in: context))
        }
        self.laterals = lateral
        self.refine = refine
        self.norms = norms
        output = try Conv2d(channels, 1, kernel: 1, in: context)
        super.init()
    }

    /// - Parameters:
    ///   - pyramid: [batch, pyramid, h, w].
    ///   - features: lateral maps at 2h, 4h, ….
    /// - Returns: logits [batch, 1, H, W] at the size of the last lateral map.
    func callAsFunction(_ pyramid: Tensor, features: [Tensor]) throws(TorchError) -> Tensor {
        var x = try reduce(pyramid)
        for (index, feature) in features.enumerated() {
            let size = Array(feature.shape.suffix(2))
            x = try x.interpolate(size: size) + laterals[index](feature)
            x = try norms[index](refine[index](x.leakyReLUInPlace(0.1))).leakyReLUInPlace(0.1)
        }
        return try output(x)
    }
}
