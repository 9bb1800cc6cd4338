/// A limit on the values of an option or argument, shown in its help.
public struct ArgumentBounds<Value: ArgumentValue>: Sendable {
    let contains: @Sendable (Value) -> Bool
    /// "1 to 64", "at least 1"; nil when everything is allowed.
    let text: String?

    /// No limit.
    public static var any: Self { Self(contains: { _ in true }, text: nil) }
}

extension ArgumentBounds where Value: Comparable {
    public static func between(_ low: Value, _ high: Value) -> Self {
        Self(contains: { $0 >= low && $0 <= high }, text: "\(low.argumentText) to \(high.argumentText)")
    }

    public static func atLeast(_ low: Value) -> Self {
        Self(contains: { $0 >= low }, text: "at least \(low.argumentText)")
    }

    public static func above(_ low: Value) -> Self {
        Self(contains: { $0 > low }, text: "above \(low.argumentText)")
    }
}
