import NN
import Torch

/// A convolution with an equalised learning rate and no bias (the activation behind it has one).
public final class EqualizedConv2d: Module {
    /// [outputs, inputs, kernel, kernel].
    @Parameter public var weight: Tensor
    public let stride: Int
    public let padding: Int
    private let scale: Double

    public init(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, in context: Context
    ) throws(TorchError) {
        self.stride = stride
        self.padding = padding
        scale = 1 / Double(inputs * kernel * kernel).squareRoot()
        _weight = try Parameter(
            Initialiser.normal(std: 1).make([outputs, inputs, kernel, kernel], in: context), key: "weight")
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.conv2d(weight * scale, stride: stride, padding: padding)
    }
}
