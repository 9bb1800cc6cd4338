import Torch

/// The triplet loss with batch-hard mining (Hermans, Beyer & Leibe 2017, eq. 5): per anchor the farthest image of the
/// same person and the nearest one of another, mean over anchors.
///
/// Distances are Euclidean, not squared. At distance 0 the gradient is 0: features that have all collapsed into one point
/// cost the margin (ln 2 with the soft margin) and are not moved by this term. Equally hard images share the gradient.
/// For anchors that do not count, see `MetricLoss`.
public struct BatchHardTripletLoss: MetricLoss, Equatable {
    /// In units of the distance; nil is the soft margin.
    public var margin: Double?

    public init(margin: Double? = 0.3) { self.margin = margin }

    public func callAsFunction(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        try LossInput.check(features, labels: labels, loss: "batch-hard triplet loss")
        let pairs = try BatchPairs(labels)
        let distances = try features.widened().rowDistances()
        let farthest = try distances.maskedFill(pairs.notPositive, -.infinity).amax([1])
        let nearest = try distances.maskedFill(pairs.notNegative, .infinity).amin([1])
        return try pairs.mean(TripletHinge.cost(farthest - nearest, margin: margin))
    }
}
