/// An option with a value: `--threads 4`, `--threads=4`, and `-t 4` with a short name.
///
/// The long name is the property's in kebab case unless `name` is given. The property's type decides:
/// `Int` without a default is required, with one optional; `Int?` may be absent; `[Int]` may be repeated.
///
/// ```swift
/// @Option(short: "o", help: "Folder for the results.", value: "DIR") var output: FilePath = "."
/// @Option(help: "Threads to compute with.", in: .atLeast(1)) var threads: Int?
/// @Option(help: "Change a setting.", value: "KEY=VALUE") var set: [String]
/// ```
@propertyWrapper
public struct Option<Value>: ParameterHolder {
    let typed: TypedParameter<Value>
    package var parameter: Parameter { typed }

    public var wrappedValue: Value {
        get { typed.current }
        nonmutating set { typed.current = newValue }
    }

    private static func declaration<Element: ArgumentValue>(
        _ name: String, _ short: Character?, _ help: String, _ value: String?,
        _ bounds: ArgumentBounds<Element>,
        _ completion: CompletionKind?, default text: String?, required: Bool = false, repeated: Bool = false
    ) -> ParameterDeclaration {
        ParameterDeclaration(
            kind: .option, name: name, short: short, help: help, valueName: value ?? Element.valueName,
            allowedValues: Element.allowedValues, bounds: bounds.text,
            completion: completion ?? Element.completion,
            defaultText: text, isRequired: required, isRepeated: repeated)
    }

    /// An option that may be left out and then has the property's default.
    public init(
        wrappedValue: Value, name: String = "", short: Character? = nil, help: String, value: String? = nil,
        in bounds: ArgumentBounds<Value> = .any, completion: CompletionKind? = nil
    ) where Value: ArgumentValue {
        let text = wrappedValue.argumentText
        typed = TypedParameter(
            Self.declaration(
                name, short, help, value, bounds, completion, default: text.isEmpty ? nil : text),
            initial: wrappedValue
        ) { _, text throws(ArgumentError) in try Value.read(text, within: bounds) }
    }

    /// An option that must be given.
    public init(
        name: String = "", short: Character? = nil, help: String, value: String? = nil,
        in bounds: ArgumentBounds<Value> = .any, completion: CompletionKind? = nil
    ) where Value: ArgumentValue {
        typed = TypedParameter(
            Self.declaration(name, short, help, value, bounds, completion, default: nil, required: true),
            initial: nil
        ) { _, text throws(ArgumentError) in try Value.read(text, within: bounds) }
    }

    /// An option that may be left out, and then is nil.
    public init<Element: ArgumentValue>(
        wrappedValue: Element? = nil, name: String = "", short: Character? = nil, help: String,
        value: String? = nil,
        in bounds: ArgumentBounds<Element> = .any, completion: CompletionKind? = nil
    ) where Value == Element? {
        typed = TypedParameter(
            Self.declaration(
                name, short, help, value, bounds, completion, default: wrappedValue?.argumentText),
            initial: .some(wrappedValue)
        ) { _, text throws(ArgumentError) in try Element.read(text, within: bounds) }
    }

    /// An option that may be given many times.
    public init<Element: ArgumentValue>(
        wrappedValue: [Element] = [], name: String = "", short: Character? = nil, help: String,
        value: String? = nil,
        in bounds: ArgumentBounds<Element> = .any, completion: CompletionKind? = nil
    ) where Value == [Element] {
        let text = wrappedValue.map(\.argumentText).joined(separator: " ")
        typed = TypedParameter(
            Self.declaration(
                name, short, help, value, bounds, completion, default: text.isEmpty ? nil : text,
                repeated: true),
            initial: wrappedValue
        ) { earlier, text throws(ArgumentError) in (earlier ?? []) + [try Element.read(text, within: bounds)]
        }
    }
}
