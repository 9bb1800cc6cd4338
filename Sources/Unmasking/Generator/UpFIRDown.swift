import Torch

/// Zero-insertion up-sampling, padding, FIR filtering and decimation in one step (Karras et al. 2019, "upfirdn").
///
/// Output height is `(height * up + before + after - kernelHeight) / down + 1`, and so for the width.
/// - Parameters:
///   - x: [batch, channels, height, width].
///   - kernel: [kernelHeight, kernelWidth], applied as a true convolution (flipped), the same for every channel.
///   - up: factor of zero insertion; every sample is followed by `up - 1` zeros.
///   - down: keep every `down`-th sample.
///   - padding: zeros before and after, on both axes; negative values crop.
public func upfirdn2d(
    _ x: Tensor, kernel: Tensor, up: Int = 1, down: Int = 1, padding: (before: Int, after: Int) = (0, 0)
) throws(TorchError) -> Tensor {
    guard x.rank == 4, kernel.rank == 2, up > 0, down > 0 else {
        throw .invalidArgument(
            "upfirdn2d(x: \(x.shape), kernel: \(kernel.shape), up: \(up), down: \(down)): expected x [batch, channels, height, width], kernel [height, width], factors of at least 1"
        )
    }
    let channels = x.size(1)
    let (rows, columns) = (kernel.size(0), kernel.size(1))
    if up == 1 {
        // Cross-correlation with the flipped kernel. Symmetric padding rides in the convolution.
        let weight = try depthwise(kernel.flip([0, 1]), channels)
        if padding.before == padding.after, padding.before >= 0 {
            return try x.conv2d(weight, stride: down, padding: padding.before, groups: channels)
        }
        let padded = try x.pad([padding.before, padding.after, padding.before, padding.after])
        return try padded.conv2d(weight, stride: down, groups: channels)
    }
    // A transposed convolution inserts the zeros itself; it yields the full filter response of the samples
    // (without the zeros behind the last one), which padding then crops or extends.
    let full = try x.convTranspose2d(depthwise(kernel, channels), stride: up, groups: channels)
    let margins = [(columns, 3), (rows, 2)].flatMap { (taps, axis) -> [Int] in
        let before = padding.before - (taps - 1)
        let wanted = x.size(axis) * up + padding.before + padding.after - taps + 1
        let available = (x.size(axis) - 1) * up + taps
        return [before, wanted - available - before]
    }
    let filtered = margins.allSatisfy { $0 == 0 } ? full : try full.pad(margins)
    guard down > 1 else { return filtered }
    return try filtered.slice(dim: 2, step: down).slice(dim: 3, step: down)
}

/// A [kernelHeight, kernelWidth] filter as the weight of a depthwise convolution, [channels, 1, …].
private func depthwise(_ kernel: Tensor, _ channels: Int) throws(TorchError) -> Tensor {
    try kernel.reshape([1, 1, kernel.size(0), kernel.size(1)]).expand([
        channels, 1, kernel.size(0), kernel.size(1),
    ])
}
