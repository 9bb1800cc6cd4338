/// Reads the pieces of a header's value: tokens, quoted strings, parameters (RFC 9110, section 5.6).
struct FieldParser {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private static let tokenMarks = Set("!#$%&'*+-.^_`|~".utf8)

    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: tokenMarks.contains(byte)
        }
    }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func skipSpace() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    /// Whether this character came next; it is passed over.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func token() -> String? {
        let start = position
        while position < bytes.count, Self.isToken(bytes[position]) { position += 1 }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    /// "…" with backslash escapes; nil when it is not closed.
    private mutating func quoted() -> String? {
        guard skip("\"") else { return nil }
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard position < bytes.count else { return nil }
                content.append(bytes[position])
                position += 1
            default: content.append(byte)
            }
        }
        return nil
    }

    /// "; name=value; name="value"" up to the end.
    mutating func parameters(of field: String) throws(HTTPProblem) -> [String: String] {
        var found: [String: String] = [:]
        while true {
            skipSpace()
            if isAtEnd { return found }
            guard skip(";") else { throw .badRequest("\(field): a parameter does not begin with ';'") }
            skipSpace()
            if isAtEnd { return found }
            guard let name = token()?.lowercased(), skip("="), let value = token() ?? quoted() else {
                throw .badRequest("\(field): a parameter is not NAME=VALUE")
            }
            guard found.updateValue(value, forKey: name) == nil else {
                throw .badRequest("\(field): '\(name)' is given twice")
            }
            guard found.count <= 16 else { throw .badRequest("\(field): more than 16 parameters") }
        }
    }
}
