/// Options that several commands share. A command includes a group by holding one: `let compute = ComputeOptions()`.
public protocol OptionGroup {
    /// Heading in the help; empty puts the options among the command's own.
    static var title: String { get }
    init()
}

extension OptionGroup {
    public static var title: String { "" }
}

/// `--json` and `--quiet`. A command that holds this group gets a reporter that obeys both.
public struct ReportOptions: OptionGroup {
    @Flag(help: "Print the report as JSON on standard output.") public var json: Bool
    @Flag(short: "q", help: "Print no progress, only results and errors.") public var quiet: Bool

    public init() {}
}
