/// What a StyleGAN2 generator is made of.
public struct GeneratorConfiguration: Codable, Sendable, Equatable {
    /// Height and width of the image: a power of two from 8 to 1024.
    public var size: Int
    /// Feature channels at every resolution from 4 to `size`.
    public var channels: [Int: Int]
    /// Length of z and w codes.
    public var styleDimension: Int
    /// Fully connected layers of the mapping network.
    public var mappingDepth: Int
    public var mappingLearningRateMultiplier: Double
    public var filter: FIRFilter

    public init(
        size: Int, channels: [Int: Int], styleDimension: Int = 512, mappingDepth: Int = 8,
        mappingLearningRateMultiplier: Double = 0.01, filter: FIRFilter = FIRFilter()
    ) {
        self.size = size
        self.channels = channels
        self.styleDimension = styleDimension
        self.mappingDepth = mappingDepth
        self.mappingLearningRateMultiplier = mappingLearningRateMultiplier
        self.filter = filter
    }

    /// The published channel table (configuration F): 512 up to 32 px, then halved at every doubling.
    /// - Parameter channelMultiplier: 2 for configuration F, 1 for E.
    public static func published(size: Int, channelMultiplier: Int = 2) -> GeneratorConfiguration {
        let table = resolutions(upTo: size).map { ($0, $0 <= 32 ? 512 : 16384 * channelMultiplier / $0) }
        return GeneratorConfiguration(size: size, channels: Dictionary(uniqueKeysWithValues: table))
    }

    /// A small generator that trains on a CPU: 256 channels at 4 and 8 px, 32 at 128 px.
    public static func compact(size: Int = 128) -> GeneratorConfiguration {
        let table = [4: 256, 8: 256, 16: 192, 32: 128, 64: 64, 128: 32, 256: 16, 512: 16, 1024: 16]
        return GeneratorConfiguration(
            size: size, channels: table.filter { $0.key <= size }, styleDimension: 256, mappingDepth: 4)
    }

    /// 4, 8, … up to `size`.
    public var resolutions: [Int] { Self.resolutions(upTo: size) }
    /// w codes that one image takes: 2·log2(size) - 2.
    public var styleCount: Int { 2 * resolutions.count }
    /// Layers that take noise: one at 4 px, two at every further resolution.
    public var noiseCount: Int { 2 * resolutions.count - 1 }

    static func resolutions(upTo size: Int) -> [Int] {
        Array(sequence(first: 4) { $0 * 2 }.prefix { $0 <= size })
    }

    static func validate(size: Int, channels: [Int: Int], of network: String) throws(UnmaskingError) {
        guard (8...1024).contains(size), size & (size - 1) == 0 else {
            throw .configuration("\(network) size \(size): expected a power of two from 8 to 1024")
        }
        let missing = resolutions(upTo: size).filter { (channels[$0] ?? 0) < 1 }
        guard missing.isEmpty else {
            throw .configuration(
                "\(network) channels \(channels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }): expected a positive number for every resolution up to \(size); add \(missing)"
            )
        }
    }

    /// - Throws: `UnmaskingError.configuration` naming the field that cannot be used.
    public func validate() throws(UnmaskingError) {
        try Self.validate(size: size, channels: channels, of: "generator")
        guard styleDimension > 0, mappingDepth >= 0, mappingLearningRateMultiplier > 0 else {
            throw .configuration(
                "generator styleDimension \(styleDimension), mappingDepth \(mappingDepth), mappingLearningRateMultiplier \(mappingLearningRateMultiplier): expected positive numbers (depth may be 0)"
            )
        }
        // A filter of two to six taps keeps the transposed convolution's size arithmetic exact.
        guard filter.taps.count >= 2, filter.taps.count % 2 == 0, filter.taps.reduce(0, +) > 0 else {
            throw .configuration(
                "generator filter taps \(filter.taps): expected an even number of taps with a positive sum, such as [1, 3, 3, 1]"
            )
        }
    }
}
