extension VerificationScores {
    /// Percentile bootstrap interval (Efron 1979) of any figure of these scores; pairs of each kind are drawn with replacement.
    ///
    /// Pairs that share images are not independent; the interval is then too narrow.
    /// - Parameters:
    ///   - confidence: 0.95 takes the 2.5 % and 97.5 % quantiles.
    ///   - rounds: resamples; cost is linear in rounds times pairs.
    ///   - seed: the same seed gives the same interval.
    public func bootstrap(
        confidence: Double = 0.95, rounds: Int = 1000, seed: UInt64 = 0,
        _ figure: (VerificationScores) throws -> Double
    ) throws -> Interval {
        guard (0..<1).contains(confidence), confidence > 0, rounds >= 2 else {
            throw MetricsError.invalidInput(
                "bootstrap with confidence \(confidence) and \(rounds) rounds: expected 0 < confidence < 1, rounds >= 2"
            )
        }
        var random = SplitMix64(seed: seed)
        var values: [Double] = []
        for _ in 0..<rounds {
            let sample = VerificationScores(
                sortedGenuine: Self.resample(genuine, &random),
                sortedImpostor: Self.resample(impostor, &random))
            values.append(try figure(sample))
        }
        values.sort()
        return Interval(
            low: Self.quantile(values, (1 - confidence) / 2),
            high: Self.quantile(values, (1 + confidence) / 2))
    }

    /// Draws with replacement and keeps the order, so that no sorting is needed.
    private static func resample(_ values: [Float], _ random: inout SplitMix64) -> [Float] {
        var counts = [Int32](repeating: 0, count: values.count)
        for _ in values { counts[random.below(values.count)] += 1 }
        var drawn: [Float] = []
        drawn.reserveCapacity(values.count)
        for (value, count) in zip(values, counts) { for _ in 0..<count { drawn.append(value) } }
        return drawn
    }

    /// Linear interpolation between order statistics.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let position = share * Double(sorted.count - 1)
        let low = Int(position)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
    }
}
