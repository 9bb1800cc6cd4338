/// What can go wrong in building or training the unmasking networks, beside tensor errors.
public enum UnmaskingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A configuration that no network can be built from: which field, what it holds, what is expected.
    case configuration(String)
    /// A model file that is not one, or does not fit.
    case model(path: String, reason: String)

    public var description: String {
        switch self {
        case .configuration(let reason): return reason
        case .model(let path, let reason): return "\(path): \(reason)"
        }
    }
}
