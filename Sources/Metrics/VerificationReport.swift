/// What a verification run reports; encodes to the command line's stable JSON keys. Fractions in 0...1.
public struct VerificationReport: Sendable, Equatable, Codable {
    public let pairs: Int
    /// Mean over folds, each judged with the threshold of the others.
    public let accuracy: Double
    /// Standard deviation over folds.
    public let accuracySpread: Double
    public let auc: Double
    public let eer: Double
    /// TAR by allowed FAR, keyed "1e-2", "1e-3", …
    public let tar: [String: Double]
    /// 95 % Wilson intervals of `tar`, same keys.
    public let tarInterval: [String: Interval]

    /// - Parameters:
    ///   - folds: fold number of each pair.
    ///   - exponents: 2 and 3 report TAR at FAR 1e-2 and 1e-3.
    public init(scores: [Float], same: [Bool], folds: [Int], exponents: [Int] = [2, 3]) throws(MetricsError) {
        let split = try VerificationScores(scores: scores, same: same)
        let folded = try FoldedAccuracy(scores: scores, same: same, folds: folds)
        var (tar, tarInterval): ([String: Double], [String: Interval]) = ([:], [:])
        for exponent in exponents {
            guard exponent >= 0 else { throw .invalidInput("FAR 1e\(-exponent) is above 1") }
            let point = try split.operatingPoint(far: (0..<exponent).reduce(1.0) { rate, _ in rate / 10 })
            tar["1e-\(exponent)"] = point.tar
            tarInterval["1e-\(exponent)"] = point.interval
        }
        pairs = scores.count
        accuracy = folded.mean
        accuracySpread = folded.spread
        auc = split.auc
        eer = split.eer
        self.tar = tar
        self.tarInterval = tarInterval
    }
}
