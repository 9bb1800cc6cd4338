import NN
import Torch

/// Two 3x3 convolutions, the second halving the size, beside a 1x1 shortcut; the sum is scaled by 1/√2.
public final class ResidualDownBlock: Module {
    public let conv1: Sequential
    public let conv2: Sequential
    public let skip: Sequential

    public init(_ inputs: Int, _ outputs: Int, filter: FIRFilter, in context: Context) throws(TorchError) {
        conv1 = try ConvLayer.keeping(inputs, inputs, kernel: 3, in: context)
        conv2 = try ConvLayer.halving(
            inputs, outputs, kernel: 3, activated: true, filter: filter, in: context)
        skip = try ConvLayer.halving(
            inputs, outputs, kernel: 1, activated: false, filter: filter, in: context)
        super.init()
    }

    /// [batch, inputs, height, width] -> [batch, outputs, height / 2, width / 2].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try (conv2(conv1(x)) + skip(x)) * 0.5.squareRoot()
    }
}
