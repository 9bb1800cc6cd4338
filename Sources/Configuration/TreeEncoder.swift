/// Encodes a value as a `JSONTree`.
///
/// Foundation's encoder leaves absent optionals out; this one writes them as null, because the tree is also the
/// list of keys that a file may give. It keeps the declared order too.
enum TreeEncoder {
    static func encode(_ value: some Encodable) throws -> JSONTree {
        let box = TreeBox()
        try TreeNode(box: box, codingPath: []).write(value)
        return box.tree
    }
}

/// Where a container puts its result; a container may outlive the call that asked for it.
private final class TreeBox {
    private enum Content {
        case leaf(JSONTree)
        case array([TreeBox])
        case object([(key: String, box: TreeBox)])
    }
    private var content = Content.leaf(.null)
    var isStructure = true

    var tree: JSONTree {
        switch content {
        case .leaf(let tree): return tree
        case .array(let boxes): return .array(boxes.map(\.tree))
        case .object(let members):
            var object = JSONObject()
            object.isStructure = isStructure
            for member in members { object[member.key] = member.box.tree }
            return .object(object)
        }
    }

    func put(_ tree: JSONTree) { content = .leaf(tree) }

    func startObject() { if case .object = content {} else { content = .object([]) } }

    func startArray() { if case .array = content {} else { content = .array([]) } }

    func member(_ key: String) -> TreeBox {
        let box = TreeBox()
        guard case .object(var members) = content else { return box }
        members.removeAll { $0.key == key }
        members.append((key, box))
        content = .object(members)
        return box
    }

    func element() -> TreeBox {
        let box = TreeBox()
        guard case .array(var boxes) = content else { return box }
        boxes.append(box)
        content = .array(boxes)
        return box
    }

    var count: Int { if case .array(let boxes) = content { boxes.count } else { 0 } }
}

private struct TreeNode: Encoder, SingleValueEncodingContainer {
    let box: TreeBox
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        box.startObject()
        return KeyedEncodingContainer(TreeMembers<Key>(box: box, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        box.startArray()
        return TreeElements(box: box, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { box.put(.null) }
    func encode(_ value: some Encodable) throws { try write(value) }

    func write(_ value: some Encodable) throws {
        switch value {
        case let value as Bool: box.put(.bool(value))
        case let value as String: box.put(.string(value))
        case let value as Double: box.put(.number(value))
        // The shortest text that reads back as the same Float, so that 0.1 is not written as 0.10000000149.
        case let value as Float: box.put(.number(Double(String(value)) ?? Double(value)))
        case let value as any BinaryInteger:
            box.put(Int(exactly: value).map { .integer($0) } ?? .unsigned(UInt64(value)))
        default:
            let style = Mirror(reflecting: value).displayStyle
            box.isStructure = style != .dictionary && style != .enum
            try value.encode(to: self)
        }
    }
}

private struct TreeMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let box: TreeBox
    let codingPath: [any CodingKey]

    private func node(_ key: any CodingKey) -> TreeNode {
        TreeNode(box: box.member(key.stringValue), codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) { node(key).encodeNil() }
    func encode(_ value: some Encodable, forKey key: Key) throws { try node(key).write(value) }

    func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try present(value, key) }

    private func present(_ value: (some Encodable)?, _ key: Key) throws {
        let node = node(key)
        if let value { try node.write(value) } else { node.encodeNil() }
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
        -> KeyedEncodingContainer<Nested>
    {
        node(key).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        node(key).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { TreeNode(box: box.member("super"), codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder { node(key) }
}

private struct TreeElements: UnkeyedEncodingContainer {
    let box: TreeBox
    let codingPath: [any CodingKey]
    var count: Int { box.count }

    private func node() -> TreeNode { TreeNode(box: box.element(), codingPath: codingPath) }

    func encodeNil() { node().encodeNil() }
    func encode(_ value: some Encodable) throws { try node().write(value) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        node().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { node().unkeyedContainer() }
    func superEncoder() -> any Encoder { node() }
}
