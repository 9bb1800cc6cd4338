/// What can go wrong in re-identification, with what was found, what was expected and what to do.
public enum ReIDError: Error, Equatable, CustomStringConvertible, Sendable {
    /// A data set, an attribute file or a feature file that does not have the documented layout.
    case data(path: String, reason: String)
    /// A setting, a shape or an argument that cannot work.
    case invalidArgument(String)
    /// A model file that does not fit.
    case model(path: String, reason: String)

    public var description: String {
        switch self {
        case .data(let path, let reason), .model(let path, let reason): "\(path): \(reason)"
        case .invalidArgument(let reason): reason
        }
    }
}
