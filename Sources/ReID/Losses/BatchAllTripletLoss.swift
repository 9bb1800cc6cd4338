import Torch

/// The triplet loss over all triplets of a batch (Hermans, Beyer & Leibe 2017, eq. 6).
///
/// Memory grows with N³: 1 MB at N = 64, 64 MB at N = 256. At distance 0 the gradient is 0. For anchors that do not count,
/// see `MetricLoss`.
public struct BatchAllTripletLoss: MetricLoss, Equatable {
    /// In units of the distance; nil is the soft margin.
    public var margin: Double?
    /// Divide by the number of triplets that cost something ("batch all ≠ 0"), so that the many easy ones do not drown
    /// the few hard ones; otherwise by the number of all. Without meaning for the soft margin, where all cost something.
    public var averagesActive: Bool

    public init(margin: Double? = 0.3, averagesActive: Bool = true) {
        self.margin = margin
        self.averagesActive = averagesActive
    }

    public func callAsFunction(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        try LossInput.check(features, labels: labels, loss: "batch-all triplet loss")
        let pairs = try BatchPairs(labels)
        let distances = try features.widened().rowDistances()
        // [anchor, positive, negative]
        let isTriplet = try pairs.positive.unsqueeze(2).logicalAnd(pairs.negative.unsqueeze(1))
        let costs = try TripletHinge.cost(
            distances.unsqueeze(2) - distances.unsqueeze(1), margin: margin
        ).maskedFill(isTriplet.logicalNot(), 0)
        let counted = margin != nil && averagesActive ? try costs.detach().gt(0) : isTriplet
        return try costs.sum() / counted.sum().clamp(min: 1)
    }
}
