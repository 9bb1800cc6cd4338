extension String: ArgumentValue {
    public static var valueName: String { "TEXT" }
    public var argumentText: String { self }
    public init(argument: String) { self = argument }
}

extension ArgumentValue where Self: FixedWidthInteger {
    public static var valueName: String { "N" }
    public var argumentText: String { String(self) }

    public init(argument: String) throws(ArgumentError) {
        guard let value = Self(argument) else {
            let digits = argument.drop { $0 == "-" || $0 == "+" }
            let isWhole = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
            guard isWhole else { throw ArgumentError("is not a whole number") }
            throw ArgumentError("is out of range, from \(Self.min) to \(Self.max)")
        }
        self = value
    }
}

extension Int: ArgumentValue {}
extension UInt64: ArgumentValue {}

extension ArgumentValue where Self: BinaryFloatingPoint & LosslessStringConvertible {
    public static var valueName: String { "X" }

    public var argumentText: String {
        let text = description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    public init(argument: String) throws(ArgumentError) {
        guard let value = Self(argument) else { throw ArgumentError("is not a number") }
        guard value.isFinite else { throw ArgumentError("is not a finite number") }
        self = value
    }
}

extension Double: ArgumentValue {}
extension Float: ArgumentValue {}
