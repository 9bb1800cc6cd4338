/// Everything a command declares, gathered: the source of help, and of manual pages and shell completion.
public struct CommandDeclaration: Sendable, Equatable {
    /// The words that lead to it: ["semblance", "train", "reid"].
    public let path: [String]
    public let abstract: String
    public let discussion: String
    public let examples: [CommandExample]
    /// Whether it is carried out by itself; a group only holds others.
    public let isCommand: Bool
    /// In declared order; empty for a group.
    public let parameters: [ParameterDeclaration]
    /// Names and abstracts of what a group holds, in declared order.
    public let subcommands: [Subcommand]

    public struct Subcommand: Sendable, Equatable {
        public let name: String
        public let abstract: String
    }

    /// What every program can do.
    private static let builtIn = [
        Subcommand(name: "help", abstract: "Show the help of a command."),
        Subcommand(name: "version", abstract: "Print the version."),
    ]

    public var positionals: [ParameterDeclaration] { parameters.filter { $0.kind == .positional } }
    public var options: [ParameterDeclaration] { parameters.filter { $0.kind != .positional } }

    init(path: [String], command: any Command, parameters: [Parameter], subcommands: [CommandNode] = []) {
        let type = Swift.type(of: command)
        self.path = path
        abstract = type.abstract
        discussion = type.discussion
        examples = type.examples
        isCommand = true
        self.parameters = parameters.map(\.declaration)
        self.subcommands = subcommands.map { Subcommand(name: $0.name, abstract: $0.abstract) }
    }

    init(
        path: [String], abstract: String, discussion: String = "", examples: [CommandExample] = [],
        nodes: [CommandNode]
    ) {
        self.path = path
        self.abstract = abstract
        self.discussion = discussion
        self.examples = examples
        isCommand = false
        parameters = []
        let own = nodes.map { Subcommand(name: $0.name, abstract: $0.abstract) }
        subcommands = own + (path.count == 1 ? Self.builtIn : [])
    }
}
