import NN
import Torch

/// `upfirdn2d` with a stored kernel, so that checkpoints keep it (key `kernel`).
public final class FIRResample: Module {
    @Buffer public var kernel: Tensor
    public let up: Int
    public let down: Int
    public let padding: (before: Int, after: Int)
    /// Brightness gain of the equivalent chain of averages, while one is in use; see `withSecondOrderFilters`.
    private var poolingGain: Double?

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
        if let poolingGain { return try pooled(x, gain: poolingGain) }
        return try upfirdn2d(x, kernel: kernel, up: up, down: down, padding: padding)
    }

    /// Binomial taps are a chain of averages of neighbours: [1, 3, 3, 1] is [1, 1] three times.
    private func pooled(_ x: Tensor, gain: Double) throws(TorchError) -> Tensor {
        var y = gain == 1 ? x : try x * gain
        let links = kernel.size(0) - 1
        for link in 0..<links {
            y = try y.avgPool2d(
                kernel: 2, stride: link == links - 1 ? down : 1, padding: link < padding.before ? 1 : 0)
        }
        return y
    }

    /// Switches to the chain of averages where it computes the same; returns whether it does.
    @discardableResult
    func usePooling(_ on: Bool) throws(TorchError) -> Bool {
        poolingGain = nil
        let taps = kernel.size(0)
        guard on, up == 1, padding.before == padding.after, (0..<taps).contains(padding.before) else {
            return false
        }
        let gain = try kernel.sum().item()
        var binomial = [1.0]
        for _ in 1..<taps { binomial = zip([0] + binomial, binomial + [0]).map { $0 + $1 } }
        let expected = try FIRFilter(taps: binomial).kernel(
            gain: gain, dtype: kernel.dtype, device: kernel.device)
        guard try (kernel - expected).abs().amax().item() <= 1e-6 * abs(gain) else { return false }
        poolingGain = gain
        return true
    }
}

extension Module {
    /// Runs `body` with the blurs of this network computed as chains of averages instead of depthwise convolutions.
    ///
    /// The values are the same. libtorch's double backward of a depthwise convolution works out the gradient of the fixed
    /// filter, channel by channel, and throws it away; averages have no such term. Use it around the forward pass of
    /// gradient penalties.
    public func withSecondOrderFilters<Result>(_ body: () throws -> Result) throws -> Result {
        let filters = namedModules().compactMap { $0.module as? FIRResample }
        for filter in filters { try filter.usePooling(true) }
        let result = Swift.Result { try body() }
        for filter in filters { try filter.usePooling(false) }
        return try result.get()
    }
}
