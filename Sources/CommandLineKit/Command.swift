/// One subcommand: its parameters are declared as properties, and `run` does the work.
///
/// ```swift
/// struct UnmaskCommand: Command {
///     static let name = "unmask"
///     static let abstract = "Recover the faces under masks."
///     @Argument(help: "Photos, or folders of photos.") var input: [FilePath]
///     @Option(short: "o", help: "Folder for the results.", value: "DIR") var output: FilePath = "."
///     let report = ReportOptions()
///
///     func run(_ invocation: Invocation) throws { … }
/// }
/// ```
public protocol Command: SendableMetatype {
    /// What the user types.
    static var name: String { get }
    /// One sentence for the list of commands and the head of its help.
    static var abstract: String { get }
    /// Further paragraphs for its help.
    static var discussion: String { get }
    static var examples: [CommandExample] { get }
    /// Sets of options of which at most one may be given, by long name without dashes.
    static var mutuallyExclusive: [[String]] { get }

    init()

    /// Checks what one declaration cannot express; runs before `run`.
    /// - Throws: `UsageError`, which ends the program with status 64.
    func validate() throws(UsageError)

    /// Does the work. What it throws is printed as `semblance: error: …` and ends the program with status 1.
    func run(_ invocation: Invocation) throws
}

extension Command {
    public static var discussion: String { "" }
    public static var examples: [CommandExample] { [] }
    public static var mutuallyExclusive: [[String]] { [] }
    public func validate() throws(UsageError) {}
}

/// A line that a user can copy, and what it does.
public struct CommandExample: Sendable, Equatable {
    public let line: String
    public let purpose: String

    public init(_ line: String, _ purpose: String) {
        self.line = line
        self.purpose = purpose
    }
}

/// A command, a named group of commands such as `train`, or a command that has others below it such as `serve`.
public enum CommandNode: Sendable {
    case command(any Command.Type)
    indirect case group(name: String, abstract: String, [CommandNode])
    /// Carried out unless the next word names one of those below.
    indirect case branch(any Command.Type, [CommandNode])

    public var name: String {
        switch self {
        case .command(let type), .branch(let type, _): type.name
        case .group(let name, _, _): name
        }
    }

    public var abstract: String {
        switch self {
        case .command(let type), .branch(let type, _): type.abstract
        case .group(_, let abstract, _): abstract
        }
    }

    /// Nil for a group.
    var type: (any Command.Type)? {
        switch self {
        case .command(let type), .branch(let type, _): type
        case .group: nil
        }
    }

    var children: [CommandNode] {
        switch self {
        case .command: []
        case .group(_, _, let nodes), .branch(_, let nodes): nodes
        }
    }
}
