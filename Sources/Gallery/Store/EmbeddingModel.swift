/// The model that made a gallery's embeddings. Embeddings of different models cannot be compared, so a gallery holds
/// those of one only.
public struct EmbeddingModel: Codable, Sendable, Equatable, CustomStringConvertible {
    /// For people: "person-market1501", "sface".
    public var name: String
    /// Of the weight file, in lower-case hexadecimal.
    public var sha256: String
    /// Number of values per embedding.
    public var dimension: Int
    /// Whether masked faces were recovered before they were embedded.
    public var unmasked: Bool

    public init(name: String, sha256: String, dimension: Int, unmasked: Bool = false) {
        self.name = name
        self.sha256 = sha256
        self.dimension = dimension
        self.unmasked = unmasked
    }

    public var description: String {
        "\(name) (\(dimension) values, sha256 \(sha256.prefix(12))…\(unmasked ? ", unmasked" : ""))"
    }
}
