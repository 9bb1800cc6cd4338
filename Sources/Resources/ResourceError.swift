/// Why a file that Semblance brings or installs is not there; the message says what to do.
public struct ResourceError: Error, Equatable, Sendable, CustomStringConvertible {
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}
