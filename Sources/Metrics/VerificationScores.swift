/// Similarity scores of image pairs, split by whether both images show one person. Higher is more similar; a threshold
/// accepts scores that are equal to it or above.
///
/// Every figure is exact (no binning), ties count as half a win in the AUC, and sorting is linear, so tens of millions
/// of pairs are fine.
public struct VerificationScores: Sendable {
    /// Ascending.
    public let genuine: [Float]
    /// Ascending.
    public let impostor: [Float]

    /// - Throws: `MetricsError.empty` if either kind has no pair, `.invalidInput` if a score is NaN or infinite.
    public init(genuine: [Float], impostor: [Float]) throws(MetricsError) {
        guard !genuine.isEmpty, !impostor.isEmpty else {
            throw .empty(
                "verification needs pairs of both kinds: \(genuine.count) of one person, \(impostor.count) of two"
            )
        }
        for (name, scores) in [("same-person", genuine), ("different-person", impostor)] {
            if let bad = scores.firstIndex(where: { !$0.isFinite }) {
                throw .invalidInput(
                    "score \(bad) of the \(name) pairs is \(scores[bad]), expected a finite number")
            }
        }
        self.genuine = radixSorted(genuine)
        self.impostor = radixSorted(impostor)
    }

    /// - Parameters:
    ///   - scores: one per pair.
    ///   - same: whether the pair shows one person.
    public init(scores: [Float], same: [Bool]) throws(MetricsError) {
        guard scores.count == same.count else {
            throw .invalidInput(
                "\(scores.count) scores but \(same.count) labels: one label per score is needed")
        }
        var genuine: [Float] = []
        var impostor: [Float] = []
        for (score, isSame) in zip(scores, same) {
            if isSame { genuine.append(score) } else { impostor.append(score) }
        }
        try self.init(genuine: genuine, impostor: impostor)
    }

    /// For scores that are already sorted upwards (resampling keeps the order).
    init(sortedGenuine: [Float], sortedImpostor: [Float]) {
        genuine = sortedGenuine
        impostor = sortedImpostor
    }
}

extension [Float] {
    /// In an ascending array: how many are below `value` (`orEqual`: or equal to it).
    func countBelow(_ value: Float, orEqual: Bool = false) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value || (orEqual && self[middle] == value) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
