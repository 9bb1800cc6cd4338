extension KeyedDecodingContainer {
    /// Reads a value if the key is there, and leaves the default otherwise.
    package func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        value = try decodeIfPresent(Value.self, forKey: key) ?? value
    }
}
