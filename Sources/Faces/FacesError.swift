/// What went wrong in finding, aligning or recognising faces.
public enum FacesError: Error, Sendable, Equatable, CustomStringConvertible {
    case invalidArgument(String)

    public var description: String {
        switch self {
        case .invalidArgument(let text): text
        }
    }
}
