import Torch

/// The circle loss on pairs (Sun et al. 2020, eq. 6-8), mean over anchors; features are normalised here.
///
/// With cosines s: per anchor ln(1 + Σₙ exp(γ αₙ (sₙ - m)) · Σₚ exp(-γ αₚ (sₚ - 1 + m))), αₚ = max(0, 1 + m - sₚ) and
/// αₙ = max(0, sₙ + m), both constants to the gradient. Summed as logarithms: it cannot overflow. For anchors that do not
/// count, see `MetricLoss`; for features of length 0, `CosineSoftmaxLoss`.
public struct CirclePairLoss: MetricLoss, Equatable {
    /// γ
    public var scale: Double
    /// m
    public var margin: Double

    /// The defaults are the paper's for re-identification.
    public init(scale: Double = 128, margin: Double = 0.25) {
        self.scale = scale
        self.margin = margin
    }

    public func callAsFunction(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        try LossInput.check(features, labels: labels, loss: "circle loss")
        let pairs = try BatchPairs(labels)
        let unit = try features.widened().unitRows()
        let cosine = try unit.matmul(unit.transpose(0, 1))
        let logits = try CircleLogits(scale: scale, margin: margin)
        let positive = try (-logits.positive(cosine)).maskedFill(pairs.notPositive, -.infinity)
        let negative = try logits.negative(cosine).maskedFill(pairs.notNegative, -.infinity)
        return try pairs.mean((positive.logsumexp([1]) + negative.logsumexp([1])).softplus())
    }
}

/// Self-paced logits of the circle loss by cosine.
struct CircleLogits {
    let scale: Double
    let margin: Double

    init(scale: Double, margin: Double) throws(TorchError) {
        guard scale > 0, scale.isFinite, (0...1).contains(margin) else {
            throw .invalidArgument(
                "circle loss: scale \(scale), margin \(margin); expected a positive scale and a margin in 0 … 1"
            )
        }
        self.scale = scale
        self.margin = margin
    }

    /// γ αₚ (sₚ - (1 - m))
    func positive(_ cosine: Tensor) throws(TorchError) -> Tensor {
        let pace = try (1 + margin - cosine.detach()).clamp(min: 0)
        return try pace * (cosine - (1 - margin)) * scale
    }

    /// γ αₙ (sₙ - m)
    func negative(_ cosine: Tensor) throws(TorchError) -> Tensor {
        let pace = try (cosine.detach() + margin).clamp(min: 0)
        return try pace * (cosine - margin) * scale
    }
}
