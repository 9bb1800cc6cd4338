import Configuration
import Torch

/// The hinge loss (Lim and Ye 2017) of a `FeatureDiscriminator`, counted where a mask hid the face: the rest of the picture is the true
/// one and teaches nothing.
public struct FeatureAdversarialLoss: Codable, Sendable, Equatable {
    /// Weight in the loss of encoder and generator.
    public var weight: Double
    /// Learning rate of the discriminator.
    public var rate: Double

    public init(weight: Double = 0.05, rate: Double = 1e-3) {
        self.weight = weight
        self.rate = rate
    }

    /// Missing keys keep their defaults, a missing weight is 0.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(weight: 0)
        try values.read(.weight, into: &weight)
        try values.read(.rate, into: &rate)
    }

    /// What the generator minimises: the mean of -logit.
    /// - Parameters:
    ///   - fake: logits of drawn faces, [batch, 1, h, w] for each feature map.
    ///   - hidden: how much each pixel counts, [batch, 1, height, width], 0…1.
    /// - Returns: a scalar, the mean over feature maps.
    public func generator(fake: [Tensor], hidden: Tensor) throws(TorchError) -> Tensor {
        try Self.mean(fake, hidden) { (logits) throws(TorchError) in try -logits }
    }

    /// What the discriminator minimises: the means of max(0, 1 - real) and max(0, 1 + fake), added.
    /// - Parameters: as of `generator(fake:hidden:)`; `hidden` belongs to the true faces as to the drawn ones.
    public func discriminator(real: [Tensor], fake: [Tensor], hidden: Tensor) throws(TorchError) -> Tensor {
        try Self.mean(real, hidden) { (logits) throws(TorchError) in try (1 - logits).relu() }
            + Self.mean(fake, hidden) { (logits) throws(TorchError) in try (1 + logits).relu() }
    }

    /// Over positions by weight, then over feature maps.
    private static func mean(
        _ logits: [Tensor], _ hidden: Tensor, _ value: (Tensor) throws(TorchError) -> Tensor
    ) throws(TorchError) -> Tensor {
        var parts: [Tensor] = []
        for map in logits {
            let cells = try hidden.interpolate(size: [map.size(2), map.size(3)], mode: .area)
            parts.append(try (value(map) * cells).sum() / cells.sum().clamp(min: 1e-6))
        }
        return try Tensor.stack(parts).mean()
    }
}
