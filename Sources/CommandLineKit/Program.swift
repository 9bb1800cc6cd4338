import Configuration
import Foundation

/// The program: its commands, and how a command line is carried out.
public struct Program: Sendable {
    public let name: String
    public let version: String
    public let abstract: String
    public let examples: [CommandExample]
    public let commands: [CommandNode]

    public init(
        name: String, version: String, abstract: String, examples: [CommandExample] = [],
        commands: [CommandNode]
    ) {
        self.name = name
        self.version = version
        self.abstract = abstract
        self.examples = examples
        self.commands = commands
    }

    /// Carries out the process's command line and ends the process.
    public func main() -> Never {
        Cancellation.installSignalHandlers()
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Carries out a command line.
    /// - Parameter arguments: the words after the program's name.
    /// - Returns: the exit status; see `ExitStatus`.
    public func run(
        _ arguments: [String], output: TextOutput = .standardOutput, errors: TextOutput = .standardError,
        cancellation: Cancellation = .process
    ) -> Int32 {
        let reporter = Reporter(output: output, errors: errors)
        let problems = declarationProblems()
        guard problems.isEmpty else {
            for problem in problems { reporter.error(problem) }
            return ExitStatus.software
        }
        do {
            try dispatch(arguments, output, reporter, cancellation)
            return ExitStatus.success
        } catch let error as LocatedUsageError {
            reporter.error(error.error.message)
            try? errors.write(
                "Usage: \(error.usage)\nFor more: \(error.path.joined(separator: " ")) --help\n")
            return ExitStatus.usage
        } catch let error as Exit {
            return error.status
        } catch is CancelledError {
            reporter.error("stopped on request")
            return ExitStatus.cancelled
        } catch let error as OutputError where error.isClosed {
            return ExitStatus.brokenPipe
        } catch {
            reporter.error(Self.message(of: error))
            return ExitStatus.failure
        }
    }

    private static func message(of error: any Error) -> String {
        // An NSError's description is a dump; its localised text is a sentence.
        if let error = error as? any LocalizedError, let text = error.errorDescription { return text }
        if type(of: error) is NSError.Type || error is CocoaError { return error.localizedDescription }
        return "\(error)"
    }

    private func dispatch(
        _ arguments: [String], _ output: TextOutput, _ reporter: Reporter, _ cancellation: Cancellation
    ) throws {
        let formatter = HelpFormatter(width: Self.helpWidth(output))
        if arguments.first == "--version" || arguments.first == "version" {
            try output.write("\(name) \(version)\n")
            return
        }
        var rest = arguments[...]
        let wantsHelp = rest.first == "help"
        if wantsHelp { rest = rest.dropFirst() }
        let (path, node) = try descend(&rest)
        guard let type = node.type else {
            let declaration = declaration(path: path, node: node)
            guard arguments.isEmpty || wantsHelp || Parser.asksForHelp(Array(rest)) else {
                throw LocatedUsageError(
                    UsageError("missing COMMAND after '\(path.joined(separator: " "))'"), declaration)
            }
            try output.write(formatter.help(declaration))
            return
        }
        let command = type.init()
        let collector = ParameterCollector(command)
        let declaration = CommandDeclaration(
            path: path, command: command, parameters: collector.parameters, subcommands: node.children)
        if wantsHelp || Parser.asksForHelp(Array(rest)) {
            try output.write(formatter.help(declaration))
            return
        }
        do throws(UsageError) {
            var parser = Parser(collector.parameters)
            try parser.parse(Array(rest), mutuallyExclusive: type.mutuallyExclusive)
            try command.validate()
        } catch {
            throw LocatedUsageError(error, declaration)
        }
        let report = collector.groups.lazy.compactMap { $0 as? ReportOptions }.first
        let invocation = Invocation(
            path: path, arguments: Array(rest),
            reporter: reporter.with(json: report?.json ?? false, quiet: report?.quiet ?? false),
            cancellation: cancellation)
        do {
            try command.run(invocation)
        } catch let error as UsageError {
            throw LocatedUsageError(error, declaration)
        }
    }

    /// Follows the leading words to a command, or to the group where they stop.
    private func descend(_ rest: inout ArraySlice<String>) throws -> (path: [String], node: CommandNode) {
        var path = [name]
        var node = CommandNode.group(name: name, abstract: abstract, commands)
        while !node.children.isEmpty, let word = rest.first {
            let nodes = node.children
            guard let next = nodes.first(where: { $0.name == word }) else {
                // A command of its own: the word is for its parser.
                if node.type != nil { break }
                if word == "-h" || word == "--help" { break }
                let names = nodes.map(\.name) + (path.count == 1 ? ["help", "version"] : [])
                let what = word.hasPrefix("-") ? "option" : "command"
                throw LocatedUsageError(
                    UsageError("unknown \(what) '\(word)'" + Suggestion.phrase(for: word, in: names)),
                    declaration(path: path, node: node))
            }
            rest = rest.dropFirst()
            path.append(word)
            node = next
        }
        return (path, node)
    }

    private func declaration(path: [String], node: CommandNode) -> CommandDeclaration {
        guard let type = node.type else {
            return CommandDeclaration(
                path: path, abstract: node.abstract, examples: path.count == 1 ? examples : [],
                nodes: node.children)
        }
        let command = type.init()
        return CommandDeclaration(
            path: path, command: command, parameters: ParameterCollector(command).parameters,
            subcommands: node.children)
    }

    /// Everything that every command and group declares, parents first: for help, manual pages and completion.
    public func declarations() -> [CommandDeclaration] {
        func gather(_ path: [String], _ node: CommandNode) -> [CommandDeclaration] {
            var result = [declaration(path: path, node: node)]
            for child in node.children { result += gather(path + [child.name], child) }
            return result
        }
        return gather([name], .group(name: name, abstract: abstract, commands))
    }

    private static func helpWidth(_ output: TextOutput) -> Int {
        var size = winsize()
        guard output.isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return min(Int(size.ws_col), 110)
    }
}

/// A usage error together with the command it is about.
private struct LocatedUsageError: Error {
    let error: UsageError
    let path: [String]
    let usage: String

    init(_ error: UsageError, _ declaration: CommandDeclaration) {
        self.error = error
        path = declaration.path
        usage = HelpFormatter.usage(declaration)
    }
}
