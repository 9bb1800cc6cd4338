/// Why a metric cannot be computed from what it was given.
public enum MetricsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Arrays that belong together differ in length, or a number is out of its range.
    case invalidInput(String)
    /// The samples do not contain what the metric compares.
    case empty(String)

    public var description: String {
        switch self {
        case .invalidInput(let text), .empty(let text): text
        }
    }
}
