/// The path of a file or folder given on the command line; a shell completes it.
public struct FilePath: ArgumentValue, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let string: String

    public init(_ string: String) { self.string = string }
    public init(stringLiteral string: String) { self.string = string }

    public init(argument: String) throws(ArgumentError) {
        guard !argument.isEmpty else { throw ArgumentError("is not a path") }
        string = argument
    }

    public static var valueName: String { "PATH" }
    public static var completion: CompletionKind { .file }
    public var argumentText: String { string }
    public var description: String { string }
}
