import NN
import Torch

/// Two 3x3 convolutions with normalisation beside a shortcut; optionally halving the size.
public final class ResidualBlock: Module {
    public let conv1: Conv2d
    public let norm1: Module
    public let conv2: Conv2d
    public let norm2: Module
    @Child public var squeezeExcite: SqueezeExcite?
    /// Average pooling and a 1x1 convolution where shape changes, else nothing.
    public let shortcut: Conv2d?
    private let stride: Int

    public init(
        _ inputs: Int, _ outputs: Int, stride: Int, normalization: EncoderConfiguration.Normalization,
        squeezesAndExcites: Bool, in context: Context
    ) throws(TorchError) {
        let bias = normalization.needsBias
        self.stride = stride
        conv1 = try Conv2d(inputs, outputs, kernel: 3, stride: stride, padding: 1, bias: bias, in: context)
        norm1 = try normalization.module(outputs, in: context)
        conv2 = try Conv2d(outputs, outputs, kernel: 3, padding: 1, bias: bias, in: context)
        norm2 = try normalization.module(outputs, in: context)
        _squeezeExcite = Child(
            squeezesAndExcites ? try SqueezeExcite(outputs, reduction: 8, in: context) : nil, key: "se")
        shortcut =
            inputs == outputs && stride == 1 ? nil : try Conv2d(inputs, outputs, kernel: 1, in: context)
        super.init()
    }

    /// [batch, inputs, height, width] -> [batch, outputs, height / stride, width / stride].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var y = try norm1(conv1(x)).leakyReLUInPlace(0.1)
        y = try norm2(conv2(y))
        if let squeezeExcite { y = try squeezeExcite(y) }
        let direct = stride == 1 ? x : try x.avgPool2d(kernel: stride)
        return try (y + (shortcut?(direct) ?? direct)).leakyReLUInPlace(0.1)
    }
}
