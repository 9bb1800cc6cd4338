/// A switch: `--compare`; with `invertible` also `--no-compare`, and the last one given counts.
@propertyWrapper
public struct Flag: ParameterHolder {
    let typed: TypedParameter<Bool>
    package var parameter: Parameter { typed }

    public var wrappedValue: Bool {
        get { typed.current }
        nonmutating set { typed.current = newValue }
    }

    public init(
        wrappedValue: Bool = false, name: String = "", short: Character? = nil, help: String,
        invertible: Bool = false
    ) {
        let declaration = ParameterDeclaration(
            kind: .flag(isInvertible: invertible), name: name, short: short, help: help, valueName: "",
            allowedValues: [], bounds: nil, completion: .none,
            defaultText: invertible ? (wrappedValue ? "yes" : "no") : nil, isRequired: false,
            isRepeated: false)
        typed = TypedParameter(declaration, initial: wrappedValue) { _, text in text == "true" }
    }
}
