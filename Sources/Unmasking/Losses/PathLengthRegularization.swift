import Configuration
import Torch

/// Path-length regularisation (Karras et al. 2020, section 3.2): the Jacobian of the synthesis should be a scaled
/// orthogonal map. Applied lazily.
public final class PathLengthRegularization {
    public struct Settings: Codable, Sendable, Equatable {
        public var weight: Double
        /// Steps from one application to the next; the weight is multiplied by this.
        public var interval: Int
        /// Decay of the running mean of lengths.
        public var decay: Double
        /// The penalty is computed on batch / shrink samples.
        public var batchShrink: Int

        public init(weight: Double = 2, interval: Int = 4, decay: Double = 0.01, batchShrink: Int = 2) {
            self.weight = weight
            self.interval = interval
            self.decay = decay
            self.batchShrink = batchShrink
        }

        /// Missing keys keep their defaults, a missing weight is 0.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(weight: 0)
            try values.read(.weight, into: &weight)
            try values.read(.interval, into: &interval)
            try values.read(.decay, into: &decay)
            try values.read(.batchShrink, into: &batchShrink)
        }
    }

    public let settings: Settings
    /// Running mean of lengths; part of a checkpoint.
    public var meanLength: Double

    public init(_ settings: Settings = Settings(), meanLength: Double = 0) {
        self.settings = settings
        self.meanLength = meanLength
    }

    public func isDue(step: Int) -> Bool {
        settings.interval > 0 && settings.weight > 0 && step % settings.interval == 0
    }

    /// Weight of the penalty in a step in which it is due.
    public var weight: Double { settings.weight * Double(max(settings.interval, 1)) }

    public func batch(of full: Int) -> Int { max(1, full / max(1, settings.batchShrink)) }

    /// Updates the running mean and returns the penalty mean((length - running mean)²); differentiable.
    /// - Parameters:
    ///   - images: [batch, 3, height, width], drawn from `latents`, best inside `withSecondOrderFilters`.
    ///   - latents: W+ codes in the graph, [batch, styleCount, styleDimension].
    ///   - direction: normal noise of the images' shape.
    public func penalty(images: Tensor, latents: Tensor, direction: Tensor) throws(TorchError) -> Tensor {
        let pixels = Double(images.size(2) * images.size(3))
        let projection = try (images * direction).sum() / pixels.squareRoot()
        guard let gradient = try Autograd.grad(outputs: [projection], inputs: [latents], createGraph: true)[0]
        else {
            throw .invalidArgument("path length: the images do not depend on the latents")
        }
        let lengths = try gradient.square().sum([2]).mean([1]).sqrt()  // [batch]
        meanLength += settings.decay * (try lengths.mean().item() - meanLength)
        return try (lengths - meanLength).square().mean()
    }
}
