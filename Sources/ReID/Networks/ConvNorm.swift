import NN
import Torch

/// A convolution and the batch normalisation behind it, applied as one.
///
/// Not a module itself, so that both keep the checkpoint keys that the network's owner gives them. After `fold()`,
/// evaluation runs one convolution with the normalisation multiplied into its weights.
public final class ConvNorm {
    public let conv: Conv2d
    public let norm: BatchNorm2d
    public let padding: Padding
    private var folded: (weight: Tensor, bias: Tensor)?

    public enum Padding: Sendable {
        /// The convolution's.
        case own
        /// TensorFlow's `SAME`, in front of a convolution without padding: as many zeros as give ceil(size / stride)
        /// positions, the odd one at the bottom and the right.
        case same
    }

    public init(_ conv: Conv2d, _ norm: BatchNorm2d, padding: Padding = .own) {
        self.conv = conv
        self.norm = norm
        self.padding = padding
    }

    /// [batch, in, h, w] -> [batch, out, h', w'].
    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let x = padding == .same ? try samePadded(x) : x
        guard let folded, !norm.isTraining else { return try norm(conv(x)) }
        return try x.conv2d(
            folded.weight, bias: folded.bias, stride: conv.stride, padding: conv.padding,
            dilation: conv.dilation, groups: conv.groups)
    }

    private func samePadded(_ x: Tensor) throws(TorchError) -> Tensor {
        let kernel = conv.weight.shape.suffix(2)
        let missing = zip(zip(x.shape.suffix(2), kernel), conv.stride).map { sizes, stride in
            max((sizes.0 - 1) / stride * stride + sizes.1 - sizes.0, 0)
        }
        let (height, width) = (missing[0], missing[1])
        return try x.pad([width / 2, width - width / 2, height / 2, height - height / 2])
    }

    /// weight·γ/√(σ² + ε), β + (bias - μ)·γ/√(σ² + ε), with the running statistics of now.
    func fold() throws(TorchError) {
        folded = try noGrad { () throws(TorchError) in
            let scale = try norm.weight * (norm.runningVariance + norm.eps).rsqrt()
            var shift = try -norm.runningMean
            if let bias = conv.bias { shift = try shift + bias }
            return (try conv.weight * scale.reshape([-1, 1, 1, 1]), try norm.bias + shift * scale)
        }
    }
}

/// A module that applies convolutions with batch normalisation.
protocol ConvNormOwner: Module {
    var convNorms: [ConvNorm] { get }
}
