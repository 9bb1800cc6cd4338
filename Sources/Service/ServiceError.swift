/// What is wrong with a service's set-up.
public enum ServiceError: Error, Equatable, Sendable, CustomStringConvertible {
    case configuration(String)
    case internalMismatch(String)

    public var description: String {
        switch self {
        case .configuration(let text), .internalMismatch(let text): text
        }
    }
}
