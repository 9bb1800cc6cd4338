/// One operating point: pairs scoring `threshold` or more are accepted.
public struct ROCPoint: Sendable, Equatable, Codable {
    /// Share of different-person pairs accepted (false acceptance rate).
    public let far: Double
    /// Share of same-person pairs accepted (true acceptance rate).
    public let tar: Double
    /// Infinite for the point that accepts nothing.
    public let threshold: Float
}
