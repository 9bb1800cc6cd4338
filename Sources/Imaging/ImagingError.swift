/// What went wrong with an image file or an image operation.
public enum ImagingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file cannot be opened, read or written.
    case file(path: String, reason: String)
    /// Bytes are not an image of a supported kind, or are damaged.
    case notAnImage(name: String, reason: String)
    /// An image is larger than the limits allow; nothing was allocated for it.
    case tooLarge(name: String, width: Int, height: Int, limit: String)
    case invalidArgument(String)

    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .notAnImage(let name, let reason): "\(name): \(reason)"
        case .tooLarge(let name, let width, let height, let limit):
            "\(name): \(width)x\(height) pixels is more than \(limit)"
        case .invalidArgument(let text): text
        }
    }
}
