import Torch

/// A separable low-pass filter for resampling, given by its one-dimensional taps; StyleGAN2 uses [1, 3, 3, 1].
public struct FIRFilter: Sendable, Equatable, Codable {
    public var taps: [Double]

    public init(taps: [Double] = [1, 3, 3, 1]) { self.taps = taps }

    /// The outer product of the taps, [n, n], scaled to sum to `gain` (up-sampling by f needs gain f²).
    public func kernel(gain: Double = 1, dtype: ScalarType = .float32, device: Device = .cpu)
        throws(TorchError) -> Tensor
    {
        let total = taps.reduce(0, +)
        guard !taps.isEmpty, total != 0 else {
            throw .invalidArgument("FIR taps \(taps): expected at least one tap and a sum other than zero")
        }
        let values = taps.flatMap { row in taps.map { Float(row * $0 * gain / (total * total)) } }
        return try Tensor(values: values, shape: [taps.count, taps.count], device: device).to(dtype: dtype)
    }
}
