/// A positional argument. The type decides how many there are: `FilePath` is exactly one, `FilePath?` at most
/// one, `[FilePath]` one or more (any number with a default, even an empty one).
///
/// ```swift
/// @Argument(help: "Photos, or folders of photos.") var input: [FilePath]
/// ```
@propertyWrapper
public struct Argument<Value>: ParameterHolder {
    let typed: TypedParameter<Value>
    package var parameter: Parameter { typed }

    public var wrappedValue: Value {
        get { typed.current }
        nonmutating set { typed.current = newValue }
    }

    private static func declaration<Element: ArgumentValue>(
        _ name: String, _ help: String, _ bounds: ArgumentBounds<Element>, _ completion: CompletionKind?,
        default text: String?, required: Bool, repeated: Bool = false
    ) -> ParameterDeclaration {
        ParameterDeclaration(
            kind: .positional, name: name, short: nil, help: help, valueName: name,
            allowedValues: Element.allowedValues,
            bounds: bounds.text, completion: completion ?? Element.completion, defaultText: text,
            isRequired: required,
            isRepeated: repeated)
    }

    /// One argument, which must be given.
    public init(
        name: String = "", help: String, in bounds: ArgumentBounds<Value> = .any,
        completion: CompletionKind? = nil
    ) where Value: ArgumentValue {
        typed = TypedParameter(
            Self.declaration(name, help, bounds, completion, default: nil, required: true), initial: nil
        ) { _, text throws(ArgumentError) in try Value.read(text, within: bounds) }
    }

    /// One argument, or the property's default.
    public init(
        wrappedValue: Value, name: String = "", help: String, in bounds: ArgumentBounds<Value> = .any,
        completion: CompletionKind? = nil
    ) where Value: ArgumentValue {
        let text = wrappedValue.argumentText
        typed = TypedParameter(
            Self.declaration(
                name, help, bounds, completion, default: text.isEmpty ? nil : text, required: false),
            initial: wrappedValue
        ) { _, text throws(ArgumentError) in try Value.read(text, within: bounds) }
    }

    /// At most one argument.
    public init<Element: ArgumentValue>(
        wrappedValue: Element? = nil, name: String = "", help: String,
        in bounds: ArgumentBounds<Element> = .any,
        completion: CompletionKind? = nil
    ) where Value == Element? {
        typed = TypedParameter(
            Self.declaration(
                name, help, bounds, completion, default: wrappedValue?.argumentText, required: false),
            initial: .some(wrappedValue)
        ) { _, text throws(ArgumentError) in try Element.read(text, within: bounds) }
    }

    /// One argument or more.
    public init<Element: ArgumentValue>(
        name: String = "", help: String, in bounds: ArgumentBounds<Element> = .any,
        completion: CompletionKind? = nil
    ) where Value == [Element] {
        typed = TypedParameter(
            Self.declaration(name, help, bounds, completion, default: nil, required: true, repeated: true),
            initial: []
        ) { earlier, text throws(ArgumentError) in (earlier ?? []) + [try Element.read(text, within: bounds)]
        }
    }

    /// Any number of arguments.
    public init<Element: ArgumentValue>(
        wrappedValue: [Element], name: String = "", help: String, in bounds: ArgumentBounds<Element> = .any,
        completion: CompletionKind? = nil
    ) where Value == [Element] {
        let text = wrappedValue.map(\.argumentText).joined(separator: " ")
        typed = TypedParameter(
            Self.declaration(
                name, help, bounds, completion, default: text.isEmpty ? nil : text, required: false,
                repeated: true),
            initial: wrappedValue
        ) { earlier, text throws(ArgumentError) in (earlier ?? []) + [try Element.read(text, within: bounds)]
        }
    }
}
