/// The networks of an imported pSp or e4e checkpoint.
public struct InversionConfiguration: Codable, Sendable, Equatable {
    public enum Method: String, Codable, Sendable, CaseIterable {
        /// pixel2style2pixel: `GradualStyleEncoder`.
        case psp
        /// encoder4editing: `Encoder4Editing`.
        case e4e
    }

    public var method: Method
    public var encoder: StylePyramidConfiguration
    public var generator: GeneratorConfiguration
    /// Codes are differences from the mean latent (the published default).
    public var startsFromMean: Bool

    public init(
        method: Method, encoder: StylePyramidConfiguration, generator: GeneratorConfiguration,
        startsFromMean: Bool = true
    ) {
        self.method = method
        self.encoder = encoder
        self.generator = generator
        self.startsFromMean = startsFromMean
    }

    /// - Throws: `UnmaskingError.configuration` when encoder and generator do not fit together.
    public func validate() throws(UnmaskingError) {
        try encoder.validate()
        try generator.validate()
        guard encoder.styleCount == generator.styleCount, encoder.styleDimension == generator.styleDimension
        else {
            throw .configuration(
                "\(method.rawValue) encoder (\(encoder.styleCount) styles of \(encoder.styleDimension)) and generator of \(generator.size) px (\(generator.styleCount) styles of \(generator.styleDimension)) do not fit together"
            )
        }
    }
}
