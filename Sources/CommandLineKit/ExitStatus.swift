/// How the program ends.
public enum ExitStatus {
    public static let success: Int32 = 0
    /// The work failed.
    public static let failure: Int32 = 1
    /// The command line was wrong (EX_USAGE).
    public static let usage: Int32 = 64
    /// The declarations contradict each other (EX_SOFTWARE): a mistake of ours.
    public static let software: Int32 = 70
    /// Stopped by Ctrl-C.
    public static let cancelled: Int32 = 130
    /// The reader of standard output went away.
    public static let brokenPipe: Int32 = 141
}

/// Ends a command with a status of its own after it has said why.
public struct Exit: Error, Equatable, Sendable {
    public let status: Int32

    public init(_ status: Int32) { self.status = status }
}
