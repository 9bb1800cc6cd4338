import Configuration

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
    /// What the attribute heads were trained on, and read.
    public var attributeFeature = JointLossConfiguration.Feature.neck
    /// Training images per attribute and class, from which decisions know how frequent a class is; nil where they were not
    /// kept.
    public var attributeCounts: [[Int]]?

    public init(
        network: EmbeddingNetworkConfiguration, height: Int, width: Int, attributes: AttributeSchema? = nil,
        hasAttention: Bool = false, attributeFeature: JointLossConfiguration.Feature = .neck,
        attributeCounts: [[Int]]? = nil
    ) {
        self.network = network
        self.height = height
        self.width = width
        self.attributes = attributes
        self.hasAttention = hasAttention
        self.attributeFeature = attributeFeature
        self.attributeCounts = attributeCounts
    }
}

extension ReIDModelConfiguration {
    /// Keys that files of older versions do not have keep their defaults.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            network: try values.decode(EmbeddingNetworkConfiguration.self, forKey: .network),
            height: try values.decode(Int.self, forKey: .height),
            width: try values.decode(Int.self, forKey: .width),
            attributes: try values.decodeIfPresent(AttributeSchema.self, forKey: .attributes))
        try values.read(.hasAttention, into: &hasAttention)
        try values.read(.attributeFeature, into: &attributeFeature)
        attributeCounts = try values.decodeIfPresent([[Int]].self, forKey: .attributeCounts)
    }
}
