import Configuration

/// The structure of an `EmbeddingNetwork`.
public struct EmbeddingNetworkConfiguration: Configurable, Equatable {
    public var backbone = BackboneKind.mobileNetV2
    /// Stride of the last stage that shrinks the feature map, 1 or 2.
    public var lastStride = 1
    /// Attention between the blocks of a ResNet.
    public var nonLocal = NonLocalAttention.none
    public var pooling = FeaturePooling.gap
    /// Length of the embedding; nil: the backbone's channels as they are.
    public var embedding: Int?
    /// Whether a `BNNeck` follows the embedding.
    public var neck = true

    public init() {}

    public func validate() throws(ConfigurationError) {
        guard lastStride == 1 || lastStride == 2 else {
            throw ConfigurationError("lastStride \(lastStride): expected 1 or 2")
        }
        if let embedding, embedding < 1 {
            throw ConfigurationError(
                "embedding \(embedding): expected at least 1, or null for the backbone's channels")
        }
    }
}

extension EmbeddingNetworkConfiguration {
    /// Missing keys keep their defaults: models of older versions do not have all.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try values.read(.backbone, into: &backbone)
        try values.read(.lastStride, into: &lastStride)
        try values.read(.nonLocal, into: &nonLocal)
        try values.read(.pooling, into: &pooling)
        embedding = try values.decodeIfPresent(Int.self, forKey: .embedding)
        try values.read(.neck, into: &neck)
    }
}
