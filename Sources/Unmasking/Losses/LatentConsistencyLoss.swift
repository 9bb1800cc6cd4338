import Torch

/// Mean squared distance between the codes of a masked face and those that a clean encoder gives to the same photo
/// without the mask.
public struct LatentConsistencyLoss: Codable, Sendable, Equatable {
    public var weight: Double

    public init(weight: Double = 1) { self.weight = weight }

    /// - Parameters:
    ///   - latents: [batch, styleCount, styleDimension].
    ///   - target: the same shape; no gradient flows into it.
    public func callAsFunction(_ latents: Tensor, target: Tensor) throws(TorchError) -> Tensor {
        try (latents - target.detach()).square().mean()
    }
}
