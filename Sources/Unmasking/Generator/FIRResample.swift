import NN
import Torch

/// `upfirdn2d` with a stored kernel, so that checkpoints keep it (key `kernel`).
public final class FIRResample: Module {
    @Buffer public var kernel: Tensor
    public let up: Int
    public let down: Int
    public let padding: (before: Int, after: Int)

    /// - Parameter gain: sum of the stored kernel; `up`² keeps the brightness when up-sampling.
    public init(
        _ filter: FIRFilter, gain: Double = 1, up: Int = 1, down: Int = 1, padding: (before: Int, after: Int),
        in context: Context
    ) throws(TorchError) {
        self.up = up
        self.down = down
        self.padding = padding
        _kernel = Buffer(
            try filter.kernel(gain: gain, dtype: context.dtype, device: context.device), key: "kernel")
        super.init()
    }

    /// The blur behind a stride-2 transposed convolution with a kernel of `size`: 2·height + 1 -> 2·height.
    static func afterTransposedConvolution(_ filter: FIRFilter, size: Int, in context: Context)
        throws(TorchError) -> FIRResample
    {
        let excess = filter.taps.count - 2 - (size - 1)
        return try FIRResample(filter, gain: 4, padding: ((excess + 1) / 2 + 1, excess / 2 + 1), in: context)
    }

    /// The blur in front of a stride-2 convolution with a kernel of `size`. For 1x1 kernels the decimation moves into
    /// the filter (`down` = 2), which leaves the result unchanged and saves three quarters of the work.
    static func beforeStridedConvolution(_ filter: FIRFilter, size: Int, in context: Context)
        throws(TorchError) -> FIRResample
    {
        let excess = filter.taps.count - 2 + (size - 1)
        return try FIRResample(
            filter, down: size == 1 ? 2 : 1, padding: ((excess + 1) / 2, excess / 2), in: context)
    }

    /// Doubles height and width.
    static func doubling(_ filter: FIRFilter, in context: Context) throws(TorchError) -> FIRResample {
        let excess = filter.taps.count - 2
        return try FIRResample(
            filter, gain: 4, up: 2, padding: ((excess + 1) / 2 + 1, excess / 2), in: context)
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try upfirdn2d(x, kernel: kernel, up: up, down: down, padding: padding)
    }
}
