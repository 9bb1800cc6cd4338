import Configuration

/// The structure of an `EmbeddingNetwork`.
public struct EmbeddingNetworkConfiguration: Configurable, Equatable {
    public var backbone = BackboneKind.mobileNetV2
    /// Stride of the last stage that shrinks the feature map, 1 or 2.
    public var lastStride = 1
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
