/// The networks of an unmasking model.
public struct UnmaskingModelConfiguration: Codable, Sendable, Equatable {
    public var generator: GeneratorConfiguration
    public var encoder: EncoderConfiguration

    public init(generator: GeneratorConfiguration, encoder: EncoderConfiguration) {
        self.generator = generator
        self.encoder = encoder
    }

    /// 128-pixel networks that train on two CPU cores: W+ codes, and additive features at 8 and 16 pixels that carry the pose.
    public static var compact128: UnmaskingModelConfiguration {
        let generator = GeneratorConfiguration.compact(size: 128)
        var encoder = EncoderConfiguration(for: generator)
        encoder.featureOffsets = [8: generator.channels[8] ?? 0, 16: generator.channels[16] ?? 0]
        return UnmaskingModelConfiguration(generator: generator, encoder: encoder)
    }
}
