import NN
import Torch

/// Modulated 3x3 convolution, noise, bias and leaky ReLU.
public final class StyledConv: Module {
    @Child public var conv: ModulatedConv2d
    @Child public var noise: NoiseInjection
    @Child public var activate: FusedLeakyReLU

    public init(
        _ inputs: Int, _ outputs: Int, styleDimension: Int, upsampling filter: FIRFilter? = nil,
        in context: Context
    ) throws(TorchError) {
        _conv = Child(
            try ModulatedConv2d(
                inputs, outputs, kernel: 3, styleDimension: styleDimension, upsampling: filter, in: context),
            key: "conv")
        _noise = Child(try NoiseInjection(in: context), key: "noise")
        _activate = Child(try FusedLeakyReLU(outputs, in: context), key: "activate")
        super.init()
    }

    /// - Parameters:
    ///   - x: [batch, inputs, height, width].
    ///   - style: [batch, styleDimension].
    ///   - noise: [batch or 1, 1, outputHeight, outputWidth], or nil for none.
    /// - Returns: [batch, outputs, height, width], doubled when up-sampling.
    public func callAsFunction(_ x: Tensor, style: Tensor, noise field: Tensor?) throws(TorchError) -> Tensor
    {
        // sqrt2 · leaky(d·y + noise + bias) = leaky(√2d·y + √2(noise + bias)): one pass scales and shifts.
        let (y, demodulation) = try conv.response(x, style: style)
        let gain = FusedLeakyReLU.gain
        let bias = try activate.bias.reshape([1, -1, 1, 1]) * gain
        let factor: Tensor
        if let demodulation {
            factor = try demodulation.unsqueeze(2).unsqueeze(3) * gain
        } else {
            factor = try Tensor.scalar(gain, dtype: y.dtype, device: y.device)
        }
        var shifted = try y.scaledAndShifted(by: factor, bias)
        if let field { shifted = try shifted + field * (noise.weight * gain) }
        return try shifted.leakyReLUInPlace(FusedLeakyReLU.slope)
    }
}
