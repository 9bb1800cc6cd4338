import Configuration

/// A type that can be read from one command-line argument.
///
/// An enumeration with text raw values only needs to declare conformance:
/// `enum MaskKind: String, CaseIterable, ArgumentValue { case surgical, cloth }`.
public protocol ArgumentValue: Sendable {
    /// What the value is called in help, such as "N".
    static var valueName: String { get }
    /// All values there are, or empty when there is no fixed list.
    static var allowedValues: [String] { get }
    /// What a shell should offer to complete.
    static var completion: CompletionKind { get }
    /// - Throws: `ArgumentError` whose message follows the quoted argument: "is not a whole number".
    init(argument: String) throws(ArgumentError)
    /// The value as one would type it.
    var argumentText: String { get }
}

/// What a shell should offer for a value.
public enum CompletionKind: Sendable, Equatable {
    case none
    case list([String])
    case file
    case folder
}

/// Why an argument is no value of the declared type.
public struct ArgumentError: Error, Equatable, Sendable {
    /// Continues a sentence that begins with the quoted argument.
    public let message: String

    public init(_ message: String) { self.message = message }
}

extension ArgumentValue {
    public static var allowedValues: [String] { [] }
    public static var completion: CompletionKind { allowedValues.isEmpty ? .none : .list(allowedValues) }
}

extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    public static var valueName: String { "NAME" }
    public static var allowedValues: [String] { allCases.map(\.rawValue) }
    public var argumentText: String { rawValue }

    public init(argument: String) throws(ArgumentError) {
        guard let value = Self(rawValue: argument) else {
            throw ArgumentError(
                "is not one of \(Self.allowedValues.joined(separator: ", "))"
                    + Suggestion.phrase(for: argument, in: Self.allowedValues))
        }
        self = value
    }
}
