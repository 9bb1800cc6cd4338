import NN
import Torch

/// Bias, leaky ReLU of slope 0.2 and gain √2, as between all StyleGAN2 layers.
public final class FusedLeakyReLU: Module {
    /// [channels].
    @Parameter public var bias: Tensor

    static let slope = 0.2
    static let gain = 2.0.squareRoot()

    public init(_ channels: Int, in context: Context) throws(TorchError) {
        _bias = try Parameter(.zeros([channels], in: context), key: "bias")
        super.init()
    }

    /// - Parameter x: [batch, channels, …].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        // The activation is positively homogeneous, so the gain can be applied to its argument together with the bias.
        let shape = [1, -1] + [Int](repeating: 1, count: x.rank - 2)
        return try Tensor.call("aten::add.Tensor", bias.reshape(shape) * Self.gain, x, Self.gain)[0]
            .leakyReLUInPlace(Self.slope)
    }
}
