import NN
import Torch

/// Builders of the discriminator's convolution layers: [blur,] convolution[, bias and leaky ReLU], numbered in this
/// order in checkpoints.
enum ConvLayer {
    /// A convolution of stride 1 that keeps the size.
    static func keeping(_ inputs: Int, _ outputs: Int, kernel: Int, in context: Context)
        throws(TorchError) -> Sequential
    {
        Sequential([
            try EqualizedConv2d(inputs, outputs, kernel: kernel, padding: kernel / 2, in: context),
            try FusedLeakyReLU(outputs, in: context),
        ])
    }

    /// Halves the size: FIR filter, then a stride-2 convolution.
    static func halving(
        _ inputs: Int, _ outputs: Int, kernel: Int, activated: Bool, filter: FIRFilter, in context: Context
    ) throws(TorchError) -> Sequential {
        let blur = try FIRResample.beforeStridedConvolution(filter, size: kernel, in: context)
        let conv = try EqualizedConv2d(
            inputs, outputs, kernel: kernel, stride: 2 / blur.down, in: context)
        return Sequential(activated ? [blur, conv, try FusedLeakyReLU(outputs, in: context)] : [blur, conv])
    }
}
