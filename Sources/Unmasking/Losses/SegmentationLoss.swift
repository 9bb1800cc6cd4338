import Torch

/// Binary cross-entropy plus soft Dice of a predicted mask alpha.
public struct SegmentationLoss: Codable, Sendable, Equatable {
    public var weight: Double
    /// Weight of the Dice part relative to the cross-entropy.
    public var diceWeight: Double

    public init(weight: Double = 1, diceWeight: Double = 1) {
        self.weight = weight
        self.diceWeight = diceWeight
    }

    /// - Parameters:
    ///   - logits: [batch, 1, h, w].
    ///   - alpha: true alpha in 0…1, [batch, 1, H, W]; averaged down to the logits' size.
    /// - Returns: a scalar.
    public func callAsFunction(_ logits: Tensor, alpha: Tensor) throws(TorchError) -> Tensor {
        let size = Array(logits.shape.suffix(2))
        let target =
            Array(alpha.shape.suffix(2)) == size ? alpha : try alpha.interpolate(size: size, mode: .area)
        let entropy = try logits.binaryCrossEntropyWithLogits(target)
        guard diceWeight != 0 else { return entropy }
        let probability = try logits.sigmoid()
        // Per image; an unmasked face with an empty prediction counts as a perfect match.
        let overlap = try (probability * target).sum([1, 2, 3])
        let sizes = try (probability.square() + target.square()).sum([1, 2, 3])
        let dice = try 1 - ((overlap * 2 + 1) / (sizes + 1)).mean()
        return try entropy + dice * diceWeight
    }
}
