/// How many same-person pairs are accepted when at most a given share of different-person pairs may be.
public struct OperatingPoint: Sendable, Equatable, Codable {
    /// The allowed false acceptance rate.
    public let target: Double
    /// The false acceptance rate reached, at most `target`.
    public let far: Double
    /// Share of same-person pairs accepted.
    public let tar: Double
    /// 95 % Wilson interval of `tar`, which takes pairs as independent.
    public let interval: Interval
    /// Pairs with this similarity or more are accepted.
    public let threshold: Float
    /// How many different-person pairs the target allows to be accepted. Below about 10 the threshold rests on a few pairs.
    public let allowedImpostors: Int
}

extension VerificationScores {
    /// TAR@FAR: the most lenient threshold whose FAR is at most `target`, without interpolation.
    /// - Parameter target: share of different-person pairs, 0...1.
    public func operatingPoint(far target: Double) throws(MetricsError) -> OperatingPoint {
        guard (0...1).contains(target) else {
            throw .invalidInput("false acceptance rate \(target) is outside 0...1")
        }
        // The tolerance keeps 0.001 * 3000 from becoming 2.
        let allowed = min(impostor.count, Int((target * Double(impostor.count) + 1e-9).rounded(.down)))
        let threshold: Float
        if allowed == impostor.count {
            threshold = min(genuine[0], impostor[0])
        } else {
            // The best impostor that must be refused: the threshold is the next score above it.
            let refused = impostor[impostor.count - allowed - 1]
            let nextGenuine = genuine.countBelow(refused, orEqual: true)
            let nextImpostor = impostor.countBelow(refused, orEqual: true)
            threshold = min(
                nextGenuine < genuine.count ? genuine[nextGenuine] : .infinity,
                nextImpostor < impostor.count ? impostor[nextImpostor] : .infinity,
                nextGenuine == genuine.count && nextImpostor == impostor.count ? refused.nextUp : .infinity)
        }
        let (far, tar) = rates(at: threshold)
        return OperatingPoint(
            target: target, far: far, tar: tar,
            interval: .wilson(
                successes: genuine.count - genuine.countBelow(threshold), trials: genuine.count),
            threshold: threshold, allowedImpostors: allowed)
    }

    /// Shares of different-person and same-person pairs that `threshold` accepts.
    public func rates(at threshold: Float) -> (far: Double, tar: Double) {
        (
            Double(impostor.count - impostor.countBelow(threshold)) / Double(impostor.count),
            Double(genuine.count - genuine.countBelow(threshold)) / Double(genuine.count)
        )
    }
}
