/// What a command is given beside its parameters.
public struct Invocation: Sendable {
    /// The words that led to the command: ["semblance", "train", "reid"].
    public let path: [String]
    /// The arguments after the command, as given: for records of how a result was made.
    public let arguments: [String]
    public let reporter: Reporter
    public let cancellation: Cancellation

    public init(
        path: [String] = [], arguments: [String] = [], reporter: Reporter = Reporter(),
        cancellation: Cancellation = .process
    ) {
        self.path = path
        self.arguments = arguments
        self.reporter = reporter
        self.cancellation = cancellation
    }
}
