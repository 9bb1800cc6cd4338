import CommandLineKit
import Foundation
import HTTP

extension Access: ArgumentValue {}

/// `semblance serve token add`.
struct ServeTokenAddCommand: Command {
    static let name = "add"
    static let abstract = "Make a token for someone who may call the server."
    static let discussion =
        "Prints the token once; the file keeps only its salted hash. A running server heeds changes of the file at once."
    static let examples = [
        CommandExample(
            "semblance serve token add camera-3 --access write --tokens tokens.json",
            "For a program that adds to galleries.")
    ]

    @Argument(help: "Who holds it; stands in the record of who did what.") var holder: String
    @Option(help: "What it allows; each includes those before it.") var access: Access = .read
    @Option(help: "The list of tokens; made if it is not there.", value: "FILE") var tokens: FilePath
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let secret = try TokenFile(tokens.string).add(name: holder, access: access)
        try invocation.reporter.result(["name": holder, "access": access.rawValue, "token": secret])
        try invocation.reporter.line(secret)
        invocation.reporter.note("keep it: it cannot be shown again")
    }
}

/// `semblance serve token list`.
struct ServeTokenListCommand: Command {
    static let name = "list"
    static let abstract = "List who may call the server."

    @Option(help: "The list of tokens.", value: "FILE") var tokens: FilePath
    let report = ReportOptions()

    private struct Entry: Encodable {
        let name: String
        let access: Access
        let created: String
    }

    func run(_ invocation: Invocation) throws {
        let entries = try TokenFile(tokens.string).read().map {
            Entry(name: $0.name, access: $0.access, created: $0.created.formatted(.iso8601))
        }
        try invocation.reporter.result(entries)
        for entry in entries {
            try invocation.reporter.line("\(entry.name)\t\(entry.access.rawValue)\t\(entry.created)")
        }
    }
}

/// `semblance serve token remove`.
struct ServeTokenRemoveCommand: Command {
    static let name = "remove"
    static let abstract = "Take a token back: it stops working at once."

    @Argument(help: "Who holds it.") var holder: String
    @Option(help: "The list of tokens.", value: "FILE") var tokens: FilePath

    func run(_ invocation: Invocation) throws { try TokenFile(tokens.string).remove(name: holder) }
}
