import Foundation

/// A place for text: a file descriptor, or memory in tests.
public final class TextOutput: Sendable {
    private let writer: @Sendable (String) throws(OutputError) -> Void
    /// Whether a person is looking on, so that a line may be redrawn.
    public let isTerminal: Bool

    public init(isTerminal: Bool = false, _ writer: @escaping @Sendable (String) throws(OutputError) -> Void)
    {
        self.isTerminal = isTerminal
        self.writer = writer
    }

    public static let standardOutput = TextOutput(descriptor: STDOUT_FILENO, name: "standard output")
    public static let standardError = TextOutput(descriptor: STDERR_FILENO, name: "standard error")

    private convenience init(descriptor: Int32, name: String) {
        self.init(isTerminal: isatty(descriptor) == 1) { text throws(OutputError) in
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
                if count >= 0 {
                    bytes = bytes.dropFirst(count)
                } else if errno == EPIPE {
                    throw OutputError(isClosed: true, message: "\(name) was closed")
                } else if errno != EINTR {
                    throw OutputError(
                        isClosed: false,
                        message: "cannot write to \(name): \(String(cString: strerror(errno)))")
                }
            }
        }
    }

    /// - Throws: `OutputError` when the other end is closed or the disk behind it is full.
    public func write(_ text: String) throws(OutputError) { try writer(text) }
}

/// Text could not be written.
public struct OutputError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reader went away, as `head` does: no failure worth a message.
    public let isClosed: Bool
    public let message: String

    public init(isClosed: Bool, message: String) {
        self.isClosed = isClosed
        self.message = message
    }

    public var description: String { message }
}
