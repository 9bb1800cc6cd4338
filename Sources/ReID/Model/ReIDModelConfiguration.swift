/// What a re-identification model file says about itself.
public struct ReIDModelConfiguration: Codable, Sendable, Equatable {
    public var network: EmbeddingNetworkConfiguration
    /// Size of the pictures in pixels.
    public var height: Int
    public var width: Int
    /// The attributes that the model predicts; nil for none.
    public var attributes: AttributeSchema?
    /// Whether the attribute heads re-weight each other.
    public var hasAttention = false

    public init(
        network: EmbeddingNetworkConfiguration, height: Int, width: Int, attributes: AttributeSchema? = nil,
        hasAttention: Bool = false
    ) {
        self.network = network
        self.height = height
        self.width = width
        self.attributes = attributes
        self.hasAttention = hasAttention
    }
}
