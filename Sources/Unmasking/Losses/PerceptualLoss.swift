import Torch

/// A distance between images in the features of a network, such as LPIPS (Zhang et al. 2018), on the whole face and on a
/// region of it.
public struct PerceptualLoss {
    /// Distances [batch, …] or a scalar between two batches of images [batch, 3, height, width] in [-1, 1].
    public typealias Distance = (Tensor, Tensor) throws(TorchError) -> Tensor

    /// Weights and region; the part that belongs into a configuration file.
    public struct Settings: Codable, Sendable, Equatable {
        public var weight: Double
        /// Weight of `region` relative to the whole; 0 leaves it out.
        public var regionWeight: Double
        /// Weight of the whole image; 0 leaves it out.
        public var wholeWeight: Double
        public var region: CropRegion?

        public init(
            weight: Double = 0.8, regionWeight: Double = 0, wholeWeight: Double = 1, region: CropRegion? = nil
        ) {
            self.weight = weight
            self.regionWeight = regionWeight
            self.wholeWeight = wholeWeight
            self.region = region
        }
    }

    public var settings: Settings
    private let distance: Distance

    public init(_ settings: Settings = Settings(), distance: @escaping Distance) {
        self.settings = settings
        self.distance = distance
    }

    public var weight: Double { settings.weight }

    /// - Parameters:
    ///   - output, target: [batch, 3, height, width] in [-1, 1].
    /// - Returns: a scalar.
    public func callAsFunction(_ output: Tensor, target: Tensor) throws(TorchError) -> Tensor {
        var parts: [Tensor] = []
        if settings.wholeWeight != 0 {
            parts.append(try distance(output, target).mean() * settings.wholeWeight)
        }
        if settings.regionWeight != 0, let region = settings.region {
            parts.append(
                try distance(region.crop(output), region.crop(target)).mean() * settings.regionWeight)
        }
        guard var sum = parts.first else {
            throw .invalidArgument(
                "perceptual loss: wholeWeight and regionWeight are both 0; set its weight to 0 instead")
        }
        for part in parts.dropFirst() { sum = try sum + part }
        return sum
    }
}
