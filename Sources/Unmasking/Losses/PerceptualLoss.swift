import Perceptual
import Torch

/// A distance between images in the features of a network, such as LPIPS (Zhang et al. 2018): over the whole face, over
/// the hidden pixels, and over a crop.
public struct PerceptualLoss {
    /// Distances of two batches of images [batch, 3, height, width] in [-1, 1], one [batch] per given weight map
    /// ([batch, 1, height, width]; nil weighs all pixels alike).
    public typealias Distance = (Tensor, Tensor, [Tensor?]) throws(TorchError) -> [Tensor]

    /// Weights and crop; the part that belongs into a configuration file.
    public struct Settings: Codable, Sendable, Equatable {
        public var weight: Double
        /// Share of the distance averaged over the whole image.
        public var whole: Double
        /// Share of the distance averaged over hidden pixels; costs no further pass through the network.
        public var hidden: Double
        /// Share of the distance of `crop` alone. With `whole` and `hidden` at 0, only the crop passes the network, which is
        /// cheaper than the image.
        public var region: Double
        public var crop: CropRegion?

        public init(
            weight: Double = 0.8, whole: Double = 1, hidden: Double = 0, region: Double = 0,
            crop: CropRegion? = nil
        ) {
            self.weight = weight
            self.whole = whole
            self.hidden = hidden
            self.region = region
            self.crop = crop
        }
    }

    public var settings: Settings
    private let distance: Distance

    public init(_ settings: Settings = Settings(), distance: @escaping Distance) {
        self.settings = settings
        self.distance = distance
    }

    /// With a frozen LPIPS network; every image passes it once.
    public init(_ settings: Settings = Settings(), lpips: LPIPS) {
        self.init(settings) { (a, b, weights) throws(TorchError) in
            let (first, second) = (try lpips.features(of: a), try lpips.features(of: b))
            var distances: [Tensor] = []
            for map in weights { distances.append(try lpips.distance(first, second, weights: map)) }
            return distances
        }
    }

    public var weight: Double { settings.weight }

    /// - Parameters:
    ///   - output, target: [batch, 3, height, width] in [-1, 1].
    ///   - alpha: the mask, 1 where hidden, [batch, 1, height, width]; nil leaves the hidden part out.
    /// - Returns: a scalar, unweighted.
    public func callAsFunction(_ output: Tensor, target: Tensor, alpha: Tensor? = nil) throws(TorchError)
        -> Tensor
    {
        var parts: [Tensor] = []
        var maps: [(map: Tensor?, share: Double)] = []
        if settings.whole != 0 { maps.append((nil, settings.whole)) }
        if settings.hidden != 0, let alpha { maps.append((alpha, settings.hidden)) }
        if !maps.isEmpty {
            for (value, entry) in zip(try distance(output, target, maps.map(\.map)), maps) {
                parts.append(try value.mean() * entry.share)
            }
        }
        if settings.region != 0, let crop = settings.crop {
            for value in try distance(crop.crop(output), crop.crop(target), [nil]) {
                parts.append(try value.mean() * settings.region)
            }
        }
        guard var sum = parts.first else {
            throw .invalidArgument(
                "perceptual loss with shares whole \(settings.whole), hidden \(settings.hidden), region \(settings.region) has nothing to compare: set a share and what it needs (a mask, a crop), or its weight to 0"
            )
        }
        for part in parts.dropFirst() { sum = try sum + part }
        return sum
    }
}
