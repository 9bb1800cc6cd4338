extension JSONTree {
    /// Standard JSON, indented by two spaces, keys in the tree's order; short lists stay on one line.
    func text(indentation: Int = 0) -> String {
        let inner = String(repeating: " ", count: indentation + 2)
        let outer = String(repeating: " ", count: indentation)
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .unsigned(let value): return String(value)
        case .number(let value): return String(value)
        case .string(let value): return Self.quoted(value)
        case .array(let elements):
            let line = "[" + elements.map { $0.text() }.joined(separator: ", ") + "]"
            if line.count <= 80, !line.contains("\n") { return line }
            let rows = elements.map { inner + $0.text(indentation: indentation + 2) }
            return "[\n" + rows.joined(separator: ",\n") + "\n\(outer)]"
        case .object(let object):
            if object.keys.isEmpty { return "{}" }
            let rows = object.keys.map { key in
                "\(inner)\(Self.quoted(key)): \((object[key] ?? .null).text(indentation: indentation + 2))"
            }
            return "{\n" + rows.joined(separator: ",\n") + "\n\(outer)}"
        }
    }

    private static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Every leaf below this value as (dotted path, value), in order.
    func leaves(path: String = "") -> [(path: String, value: JSONTree)] {
        guard case .object(let object) = self, !object.keys.isEmpty else { return [(path, self)] }
        return object.keys.flatMap { key in
            (object[key] ?? .null).leaves(path: path.isEmpty ? key : "\(path).\(key)")
        }
    }
}
