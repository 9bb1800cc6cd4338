/// Why a server cannot start.
public enum ServerError: Error, Equatable, Sendable, CustomStringConvertible {
    case configuration(String)
    case tokens(path: String, reason: String)
    case listen(address: String, reason: String)
    case certificate(path: String, reason: String)

    public var description: String {
        switch self {
        case .configuration(let text): text
        case .tokens(let path, let reason), .certificate(let path, let reason): "\(path): \(reason)"
        case .listen(let address, let reason): "cannot listen on \(address): \(reason)"
        }
    }
}
