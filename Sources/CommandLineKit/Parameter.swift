/// The state behind one declared parameter. The wrappers `Argument`, `Option` and `Flag` hold one each; the
/// parser fills it through this type without knowing the value's.
package class Parameter {
    package var declaration: ParameterDeclaration
    /// How often the user gave it.
    package private(set) var occurrences = 0

    init(_ declaration: ParameterDeclaration) { self.declaration = declaration }

    /// Takes one value; for a flag "true" or "false".
    package final func accept(_ text: String) throws(ArgumentError) {
        try absorb(text)
        occurrences += 1
    }

    func absorb(_ text: String) throws(ArgumentError) {}
}

/// A parameter whose value has the type `Value`: the declared type, so an array when repeated.
final class TypedParameter<Value>: Parameter {
    private var value: Value?
    private let combine: (Value?, String) throws(ArgumentError) -> Value

    init(
        _ declaration: ParameterDeclaration, initial: Value?,
        combine: @escaping (Value?, String) throws(ArgumentError) -> Value
    ) {
        value = initial
        self.combine = combine
        super.init(declaration)
    }

    override func absorb(_ text: String) throws(ArgumentError) {
        // The first value given replaces a repeated parameter's default instead of adding to it.
        value = try combine(occurrences == 0 ? nil : value, text)
    }

    /// The value; the parser has made sure that there is one before a command runs.
    var current: Value {
        get {
            guard let value else {
                preconditionFailure("\(declaration.spelling) is read before the command line was parsed")
            }
            return value
        }
        set { value = newValue }
    }
}

/// What the three property wrappers have in common.
package protocol ParameterHolder {
    var parameter: Parameter { get }
}

extension ArgumentValue {
    static func read(_ text: String, within bounds: ArgumentBounds<Self>) throws(ArgumentError) -> Self {
        let value = try Self(argument: text)
        guard bounds.contains(value) else { throw ArgumentError("is out of range, \(bounds.text ?? "")") }
        return value
    }
}
