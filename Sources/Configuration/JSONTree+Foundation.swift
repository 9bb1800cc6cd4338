import Foundation

extension JSONTree {
    /// Parses JSON5 text.
    /// - Throws: `ConfigurationError` naming `name` and where the text stops being JSON5.
    init(parsing text: String, name: String) throws(ConfigurationError) {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            self = try decoder.decode(JSONTree.self, from: Data(text.utf8))
        } catch DecodingError.dataCorrupted(let context) {
            let cause = context.underlyingError as NSError?
            let detail = cause?.userInfo[NSDebugDescriptionErrorKey] as? String ?? context.debugDescription
            throw ConfigurationError("\(name) is not JSON5: \(detail)")
        } catch {
            throw ConfigurationError("\(name) is not JSON5: \(error)")
        }
    }

    /// Decodes a value of type `Value`.
    /// - Throws: `ConfigurationError` naming `name`, the dotted path, what was expected and what was found.
    func decode<Value: Decodable>(_ type: Value.Type, name: String) throws(ConfigurationError) -> Value {
        for leaf in leaves() {
            if case .number(let value) = leaf.value, !value.isFinite {
                throw ConfigurationError("\(name): '\(leaf.path)' is \(value); a finite number is needed")
            }
        }
        do {
            return try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(self))
        } catch let error as DecodingError {
            throw ConfigurationError("\(name): " + explain(error))
        } catch {
            throw ConfigurationError("\(name): \(error)")
        }
    }

    private func explain(_ error: DecodingError) -> String {
        func quoted(_ path: [any CodingKey]) -> String { "'" + Self.dotted(path) + "'" }
        switch error {
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let found = value(at: context.codingPath).map { ", found \($0.kind)" } ?? ""
            return "\(quoted(context.codingPath)) must be \(Self.expectation(type))\(found)"
        case .keyNotFound(let key, let context):
            return "\(quoted(context.codingPath + [key])) is missing"
        case .dataCorrupted(let context):
            return "\(quoted(context.codingPath)): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }

    private func value(at path: [any CodingKey]) -> JSONTree? {
        var current = self
        for key in path {
            switch current {
            case .object(let object):
                guard let member = object[key.stringValue] else { return nil }
                current = member
            case .array(let elements):
                guard let index = key.intValue, elements.indices.contains(index) else { return nil }
                current = elements[index]
            default: return nil
            }
        }
        return current
    }

    private static func dotted(_ path: [any CodingKey]) -> String {
        path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }

    private static func expectation(_ type: Any.Type) -> String {
        switch type {
        case is Bool.Type: "true or false"
        case is Int.Type, is Int32.Type, is Int64.Type: "a whole number"
        case is UInt.Type, is UInt64.Type, is UInt32.Type, is UInt8.Type: "a whole number, not negative"
        case is Double.Type, is Float.Type: "a number"
        case is String.Type: "text"
        case let type where "\(type)".hasPrefix("Array<"): "a list"
        case let type where "\(type)".hasPrefix("Dictionary<"): "an object"
        default: "\(type)"
        }
    }
}
