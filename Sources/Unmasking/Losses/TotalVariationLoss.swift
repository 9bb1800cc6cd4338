import Torch

/// Mean absolute difference of neighbouring pixels: suppresses speckle.
public struct TotalVariationLoss: Codable, Sendable, Equatable {
    public var weight: Double

    public init(weight: Double = 0) { self.weight = weight }

    /// - Parameter image: [batch, channels, height, width].
    public func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
        let (height, width) = (image.size(2), image.size(3))
        let vertical = try image.narrow(2, 1, height - 1) - image.narrow(2, 0, height - 1)
        let horizontal = try image.narrow(3, 1, width - 1) - image.narrow(3, 0, width - 1)
        return try vertical.abs().mean() + horizontal.abs().mean()
    }
}
