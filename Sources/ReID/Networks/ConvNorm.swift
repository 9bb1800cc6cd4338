import NN
import Torch

/// A convolution and the batch normalisation behind it, applied as one.
///
/// Not a module itself, so that both keep the checkpoint keys that the network's owner gives them. After `fold()`,
/// evaluation runs one convolution with the normalisation multiplied into its weights.
public final class ConvNorm {
    public let conv: Conv2d
    public let norm: BatchNorm2d
    private var folded: (weight: Tensor, bias: Tensor)?

    public init(_ conv: Conv2d, _ norm: BatchNorm2d) {
        self.conv = conv
        self.norm = norm
    }

    /// [batch, in, h, w] -> [batch, out, h', w'].
    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        guard let folded, !norm.isTraining else { return try norm(conv(x)) }
        return try x.conv2d(
            folded.weight, bias: folded.bias, stride: conv.stride, padding: conv.padding,
            dilation: conv.dilation, groups: conv.groups)
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
