/// What a command declares about one of its parameters: enough for parsing, help, manual pages and completion.
public struct ParameterDeclaration: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case positional
        /// `--name VALUE`
        case option
        /// `--name`; with `isInvertible` also `--no-name`
        case flag(isInvertible: Bool)
    }

    public let kind: Kind
    /// The long name without dashes, such as "mask-share"; for a positional its name in the usage, "INPUT".
    public internal(set) var name: String
    public let short: Character?
    public let help: String
    /// What stands for the value in the usage; empty for flags.
    public let valueName: String
    /// Values that are allowed, when there is a fixed list.
    public let allowedValues: [String]
    public let bounds: String?
    public let completion: CompletionKind
    /// The default as one would type it; nil when there is none worth showing.
    public let defaultText: String?
    public let isRequired: Bool
    public let isRepeated: Bool
    /// Heading of the option group it came from; empty for the command's own.
    public internal(set) var section = ""

    /// As the user writes it: "--output", or "INPUT".
    public var spelling: String { kind == .positional ? name : "--\(name)" }
}
