import NN
import Torch

/// pSp's map2style: convolutions of stride 2 until one cell is left, then a linear map to one style (Richardson et al. 2021).
/// Checkpoint keys: `convs.0`, `convs.2`, …, `linear`.
public final class GradualStyleBlock: Module {
    public let convs: Sequential
    public let linear: EqualizedLinear

    /// - Parameter size: height and width of the features, a power of two from 2.
    public init(_ inputs: Int, dimension: Int, size: Int, in context: Context) throws(TorchError) {
        var layers: [Module] = []
        var (side, channels) = (size, inputs)
        repeat {
            layers.append(
                try Conv2d(channels, dimension, kernel: 3, stride: 2, padding: 1, in: context))
            layers.append(LeakyReLU())
            channels = dimension
            side /= 2
        } while side > 1
        convs = Sequential(layers)
        linear = try EqualizedLinear(dimension, dimension, in: context)
        super.init()
    }

    /// [batch, inputs, size, size] -> [batch, dimension].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try linear(convs(x).flatten(from: 1))
    }
}
