/// Verification accuracy in the protocol of Labeled Faces in the Wild (Huang et al. 2007): each fold is judged with the
/// threshold that is best on all other folds.
public struct FoldedAccuracy: Sendable, Equatable, Codable {
    /// Per fold, in the order of fold numbers: share of its pairs judged correctly.
    public let accuracies: [Double]
    /// Per fold: the threshold from the other folds.
    public let thresholds: [Double]

    /// Mean over folds.
    public var mean: Double { accuracies.reduce(0, +) / Double(accuracies.count) }
    /// Standard deviation over folds (division by their number).
    public var spread: Double {
        let mean = self.mean
        let squares = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(accuracies.count)).squareRoot()
    }
    /// Standard error of the mean, LFW's published figure: sample deviation divided by the root of the number of folds.
    public var standardError: Double {
        spread / Double(accuracies.count - 1).squareRoot()
    }

    /// - Parameters:
    ///   - scores: similarity of each pair, higher is more similar.
    ///   - same: whether the pair shows one person.
    ///   - folds: fold number of each pair; at least two different numbers.
    public init(scores: [Float], same: [Bool], folds: [Int]) throws(MetricsError) {
        guard scores.count == same.count, scores.count == folds.count else {
            throw .invalidInput(
                "\(scores.count) scores, \(same.count) labels and \(folds.count) fold numbers: expected one of each per pair"
            )
        }
        if let bad = scores.firstIndex(where: { !$0.isFinite }) {
            throw .invalidInput("score \(bad) is \(scores[bad]), expected a finite number")
        }
        let names = Set(folds).sorted()
        guard names.count >= 2 else {
            throw .empty(
                "\(names.count) fold(s): the threshold of a fold comes from the others, so two are needed")
        }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var accuracies: [Double] = []
        var thresholds: [Double] = []
        for name in names {
            let threshold = Self.bestThreshold(
                order.lazy.filter { folds[$0] != name }.map { (scores[$0], same[$0]) })
            var (correct, total) = (0, 0)
            for index in scores.indices where folds[index] == name {
                total += 1
                if (Double(scores[index]) >= threshold) == same[index] { correct += 1 }
            }
            accuracies.append(Double(correct) / Double(total))
            thresholds.append(threshold)
        }
        self.accuracies = accuracies
        self.thresholds = thresholds
    }

    /// As the other initialiser, with pairs in `count` consecutive folds of (nearly) equal size.
    public init(scores: [Float], same: [Bool], foldCount count: Int = 10) throws(MetricsError) {
        guard count >= 2, count <= scores.count else {
            throw .invalidInput("\(scores.count) pairs cannot be divided into \(count) folds (at least 2)")
        }
        try self.init(scores: scores, same: same, folds: scores.indices.map { $0 * count / scores.count })
    }

    /// The threshold with most correct judgements over pairs sorted by score. Candidates lie halfway between neighbouring
    /// scores, at the lowest score and just above the highest; of several equally good ones the middle one is taken.
    private static func bestThreshold(_ sorted: some Sequence<(Float, Bool)>) -> Double {
        var scores: [Float] = []
        var net: [Int] = []  // after each distinct score: different-person minus same-person pairs refused
        var balance = 0
        for (score, isSame) in sorted {
            balance += isSame ? -1 : 1
            if scores.last == score {
                net[net.count - 1] = balance
            } else {
                scores.append(score)
                net.append(balance)
            }
        }
        let best = max(0, net.max() ?? 0)
        var candidates: [Double] = best == 0 ? [Double(scores[0])] : []
        for (index, value) in net.enumerated() where value == best {
            let score = Double(scores[index])
            candidates.append(
                index + 1 < scores.count
                    ? (score + Double(scores[index + 1])) / 2 : Double(scores[index].nextUp))
        }
        return candidates[candidates.count / 2]
    }
}
