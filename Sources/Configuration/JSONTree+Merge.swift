extension JSONTree {
    /// This value with what `overlay` gives in place of its own.
    ///
    /// Structures are merged member by member; everything else is replaced. Members that this tree does not
    /// have are kept, so that they can be reported afterwards.
    func merging(_ overlay: JSONTree) -> JSONTree {
        guard case .object(var object) = self, object.isStructure, case .object(let other) = overlay else {
            return overlay
        }
        for key in other.keys {
            guard let value = other[key] else { continue }
            object[key] = object[key].map { $0.merging(value) } ?? value
        }
        return .object(object)
    }

    /// A member that is not known, with the names that are known in its place.
    struct UnknownKey {
        let path: String
        let key: String
        let candidates: [String]
        let isInStructure: Bool
    }

    /// The first member that this tree has and `known` has not.
    func firstUnknown(in known: JSONTree, path: String = "") -> UnknownKey? {
        switch (self, known) {
        case (.object(let object), .object(let other)):
            for key in object.keys {
                let inner = path.isEmpty ? key : "\(path).\(key)"
                guard let value = object[key] else { continue }
                guard let counterpart = other[key] else {
                    // A null member says nothing, and an absent optional may be encoded as nothing.
                    if value == .null { continue }
                    return UnknownKey(
                        path: inner, key: key, candidates: other.keys, isInStructure: other.isStructure)
                }
                if let found = value.firstUnknown(in: counterpart, path: inner) { return found }
            }
            return nil
        case (.array(let elements), .array(let others)):
            for (index, (element, other)) in zip(elements, others).enumerated() {
                if let found = element.firstUnknown(in: other, path: "\(path)[\(index)]") { return found }
            }
            return nil
        default: return nil
        }
    }

    /// Puts `text` at a dotted path, read as JSON5 if it can be and as plain text otherwise.
    mutating func set(_ path: [String], to text: String, whole: String) throws(ConfigurationError) {
        guard let key = path.first else {
            // Where text is expected, digits and words are text too.
            if case .string = self, !text.hasPrefix("\""), !text.hasPrefix("'") {
                self = .string(text)
            } else {
                self = (try? JSONTree(parsing: text, name: whole)) ?? .string(text)
            }
            return
        }
        let rest = Array(path.dropFirst())
        switch self {
        case .array(var elements):
            guard let index = Int(key), elements.indices.contains(index) else {
                throw ConfigurationError(
                    "--set \(whole): '\(key)' is no element of a list of \(elements.count); count from 0")
            }
            try elements[index].set(rest, to: text, whole: whole)
            self = .array(elements)
        case .object(var object):
            if object[key] == nil, object.isStructure, !object.keys.isEmpty {
                throw ConfigurationError(
                    "--set \(whole): unknown key '\(key)'" + Suggestion.phrase(for: key, in: object.keys)
                        + " (known here: \(object.keys.joined(separator: ", ")))")
            }
            var member = object[key] ?? .null
            try member.set(rest, to: text, whole: whole)
            object[key] = member
            self = .object(object)
        case .null:
            // An optional part that is absent by default comes into being.
            var object = JSONObject()
            object.isStructure = false
            self = .object(object)
            try set(path, to: text, whole: whole)
        default:
            throw ConfigurationError("--set \(whole): nothing lies below '\(key)': its parent is \(kind)")
        }
    }
}
