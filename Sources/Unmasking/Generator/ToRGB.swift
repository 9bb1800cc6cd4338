import NN
import Torch

/// Modulated 1x1 convolution to three colours, added to the up-sampled colours of the lower resolution.
public final class ToRGB: Module {
    @Child public var conv: ModulatedConv2d
    public let upsample: FIRResample?
    /// [1, 3, 1, 1].
    @Parameter public var bias: Tensor

    public init(_ inputs: Int, styleDimension: Int, upsampling filter: FIRFilter?, in context: Context)
        throws(TorchError)
    {
        _conv = Child(
            try ModulatedConv2d(
                inputs, 3, kernel: 1, styleDimension: styleDimension, demodulates: false, in: context),
            key: "conv")
        if let filter { upsample = try FIRResample.doubling(filter, in: context) } else { upsample = nil }
        _bias = try Parameter(.zeros([1, 3, 1, 1], in: context), key: "bias")
        super.init()
    }

    /// - Parameters:
    ///   - x: features [batch, inputs, height, width].
    ///   - style: [batch, styleDimension].
    ///   - skip: colours at half the size, [batch, 3, height / 2, width / 2].
    /// - Returns: colours [batch, 3, height, width].
    public func callAsFunction(_ x: Tensor, style: Tensor, skip: Tensor?) throws(TorchError) -> Tensor {
        let colours = try conv(x, style: style) + bias
        guard let skip, let upsample else { return colours }
        return try colours + upsample(skip)
    }
}
