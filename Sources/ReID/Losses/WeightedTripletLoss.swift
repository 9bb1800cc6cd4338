import Torch

/// The weighted regularised triplet loss (Ye et al. 2020, "Deep Learning for Person Re-identification: A Survey and
/// Outlook", eq. 16-17): instead of the hardest images, all of them, weighted by a softmax over distance. No margin is needed
/// (the soft margin), but one can be given.
///
/// The weights take part in the gradient, and the anchor itself is no positive of its own. At distance 0 the gradient is 0.
/// For anchors that do not count, see `MetricLoss`.
public struct WeightedTripletLoss: MetricLoss, Equatable {
    /// In units of the distance; nil is the soft margin, as published.
    public var margin: Double?

    public init(margin: Double? = nil) { self.margin = margin }

    public func callAsFunction(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        try LossInput.check(features, labels: labels, loss: "weighted triplet loss")
        let pairs = try BatchPairs(labels)
        let distances = try features.widened().rowDistances()
        let far = try distances.maskedFill(pairs.notPositive, -.infinity).softmax(1)
        let near = try (-distances).maskedFill(pairs.notNegative, -.infinity).softmax(1)
        let difference = try (distances * far).sum([1]) - (distances * near).sum([1])
        return try pairs.mean(TripletHinge.cost(difference, margin: margin))
    }
}
