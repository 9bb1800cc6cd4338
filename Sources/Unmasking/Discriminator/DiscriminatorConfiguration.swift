/// What a StyleGAN2 discriminator is made of.
public struct DiscriminatorConfiguration: Codable, Sendable, Equatable {
    /// Height and width of the image: a power of two from 8 to 1024.
    public var size: Int
    /// Feature channels at every resolution from 4 to `size`.
    public var channels: [Int: Int]
    public var inputChannels: Int
    public var filter: FIRFilter
    /// Images per group of the minibatch standard deviation.
    public var deviationGroup: Int
    /// Adds an input layer at every lower resolution, so that smaller images can be judged (progressive training). Their
    /// keys are `from_rgbs.SIZE`, which published checkpoints lack.
    public var progressiveInputs: Bool

    public init(
        size: Int, channels: [Int: Int], inputChannels: Int = 3, filter: FIRFilter = FIRFilter(),
        deviationGroup: Int = 4, progressiveInputs: Bool = false
    ) {
        self.size = size
        self.channels = channels
        self.inputChannels = inputChannels
        self.filter = filter
        self.deviationGroup = deviationGroup
        self.progressiveInputs = progressiveInputs
    }

    /// The published channel table; see `GeneratorConfiguration.published`.
    public static func published(size: Int, channelMultiplier: Int = 2) -> DiscriminatorConfiguration {
        DiscriminatorConfiguration(
            size: size,
            channels: GeneratorConfiguration.published(size: size, channelMultiplier: channelMultiplier)
                .channels)
    }

    /// A small discriminator that trains on a CPU.
    public static func compact(size: Int = 128) -> DiscriminatorConfiguration {
        DiscriminatorConfiguration(size: size, channels: GeneratorConfiguration.compact(size: size).channels)
    }

    /// 4, 8, … up to `size`.
    public var resolutions: [Int] { GeneratorConfiguration.resolutions(upTo: size) }

    /// - Throws: `UnmaskingError.configuration` naming the field that cannot be used.
    public func validate() throws(UnmaskingError) {
        try GeneratorConfiguration.validate(size: size, channels: channels, of: "discriminator")
        guard inputChannels > 0, deviationGroup > 0 else {
            throw .configuration(
                "discriminator inputChannels \(inputChannels), deviationGroup \(deviationGroup): expected positive numbers"
            )
        }
        guard filter.taps.count >= 2, filter.taps.count % 2 == 0, filter.taps.reduce(0, +) > 0 else {
            throw .configuration(
                "discriminator filter taps \(filter.taps): expected an even number of taps with a positive sum, such as [1, 3, 3, 1]"
            )
        }
    }
}
