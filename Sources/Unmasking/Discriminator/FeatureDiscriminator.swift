import NN
import Torch

/// A discriminator that looks at what a frozen network sees in a picture (Sauer et al. 2021, "Projected GANs Converge Faster"): one
/// small head per feature map, and a logit at each of its positions.
///
/// It need not learn to see first. Within a hundred steps it knows mouths from what looks like none, where a discriminator of pixels
/// still guesses. Unlike the publication it neither mixes the maps at random nor normalises the heads' spectrum: LPIPS's features have
/// unit length at each position, and the hinge loss stops where both sides are told apart.
/// Keys: `heads.N.0`, `heads.N.2`, `heads.N.4`.
public final class FeatureDiscriminator: Module {
    public let heads: [Module]
    private let scales: [Double]

    /// - Parameters:
    ///   - channels: of each feature map.
    ///   - width: channels inside a head.
    public init(channels: [Int], width: Int = 64, in context: Context) throws(TorchError) {
        var heads: [Module] = []
        for count in channels {
            heads.append(
                Sequential([
                    try Conv2d(count, width, kernel: 1, in: context), LeakyReLU(0.2),
                    try Conv2d(width, width, kernel: 3, padding: 1, in: context), LeakyReLU(0.2),
                    try Conv2d(width, 1, kernel: 1, in: context),
                ]))
        }
        self.heads = heads
        // From unit length to unit variance.
        scales = channels.map { Double($0).squareRoot() }
        super.init()
    }

    /// - Parameter maps: feature maps of unit length over channels, [batch, channels, h, w] each.
    /// - Returns: logits, [batch, 1, h, w] for each map.
    /// - Throws: `TorchError.invalidArgument` for another number of maps.
    public func logits(of maps: [Tensor]) throws(TorchError) -> [Tensor] {
        guard maps.count == heads.count else {
            throw .invalidArgument(
                "feature discriminator: \(maps.count) feature maps, expected \(heads.count)")
        }
        var all: [Tensor] = []
        for (index, map) in maps.enumerated() { all.append(try heads[index](map * scales[index])) }
        return all
    }
}
