/// A confidence interval of a fraction in 0...1.
public struct Interval: Sendable, Equatable, Codable {
    public let low: Double
    public let high: Double

    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// Wilson's score interval (Wilson 1927) for `successes` of `trials` independent trials.
    /// - Parameter z: standard deviations on each side; 1.96 is 95 %.
    /// - Returns: 0...1 when there are no trials.
    public static func wilson(successes: Int, trials: Int, z: Double = 1.959963984540054) -> Interval {
        guard trials > 0 else { return Interval(low: 0, high: 1) }
        let n = Double(trials)
        let share = Double(successes) / n
        let denominator = 1 + z * z / n
        let centre = (share + z * z / (2 * n)) / denominator
        let half = z / denominator * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return Interval(low: max(0, centre - half), high: min(1, centre + half))
    }
}
