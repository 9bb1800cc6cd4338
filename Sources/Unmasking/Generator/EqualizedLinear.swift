import NN
import Torch

/// A linear layer with an equalised learning rate (Karras et al. 2018): weights are stored with unit variance and
/// scaled by 1/√inputs at run time.
public final class EqualizedLinear: Module {
    /// [outputs, inputs].
    @Parameter public var weight: Tensor
    /// [outputs].
    @Parameter public var bias: Tensor
    public let learningRateMultiplier: Double
    public let activated: Bool
    private let scale: Double

    /// - Parameters:
    ///   - bias: initial value of the bias (modulations start at 1).
    ///   - learningRateMultiplier: the mapping network learns at 0.01 of the rate.
    ///   - activated: append leaky ReLU with gain √2.
    public init(
        _ inputs: Int, _ outputs: Int, bias: Double = 0, learningRateMultiplier: Double = 1,
        activated: Bool = false,
        in context: Context
    ) throws(TorchError) {
        self.learningRateMultiplier = learningRateMultiplier
        self.activated = activated
        scale = learningRateMultiplier / Double(inputs).squareRoot()
        _weight = try Parameter(
            Initialiser.normal(std: 1 / learningRateMultiplier).make([outputs, inputs], in: context),
            key: "weight")
        _bias = try Parameter(Initialiser.constant(bias).make([outputs], in: context), key: "bias")
        super.init()
    }

    /// [batch, inputs] -> [batch, outputs].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let gain = activated ? FusedLeakyReLU.gain : 1
        let y = try x.linear(
            weight * (scale * gain),
            learningRateMultiplier * gain == 1 ? bias : bias * (learningRateMultiplier * gain))
        return activated ? try y.leakyReLUInPlace(FusedLeakyReLU.slope) : y
    }
}
