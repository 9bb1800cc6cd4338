import Torch

/// Keeps W+ codes where the generator knows faces: near the mean (pSp's w-norm) and near each other (e4e's delta loss).
public struct LatentRegularization: Codable, Sendable, Equatable {
    /// Weight of the distance to the mean latent (pSp: 0.005).
    public var normWeight: Double
    /// Weight of the deltas' lengths (e4e: 2e-4).
    public var deltaWeight: Double

    public init(normWeight: Double = 0.005, deltaWeight: Double = 2e-4) {
        self.normWeight = normWeight
        self.deltaWeight = deltaWeight
    }

    /// Mean over the batch of ‖w - mean‖ over all styles together.
    /// - Parameters:
    ///   - latents: [batch, styleCount, styleDimension].
    ///   - mean: broadcastable to it.
    public func norm(_ latents: Tensor, mean: Tensor) throws(TorchError) -> Tensor {
        // The small constant keeps the gradient finite at the mean itself, where training starts.
        try ((latents - mean).square().sum([1, 2]) + 1e-8).sqrt().mean()
    }

    /// Sum over styles 1… of the mean length of their difference to style 0.
    /// - Parameter latents: [batch, styleCount, styleDimension].
    public func delta(_ latents: Tensor) throws(TorchError) -> Tensor {
        let deltas = try latents.narrow(1, 1, latents.size(1) - 1) - latents.narrow(1, 0, 1)
        return try (deltas.square().sum([2]) + 1e-8).sqrt().mean([0]).sum()
    }
}
