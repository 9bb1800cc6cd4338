import NN
import Torch

/// The R1 gradient penalty on real samples (Mescheder et al. 2018), applied lazily (Karras et al. 2020).
public struct R1Regularization: Codable, Sendable, Equatable {
    /// Depends on the resolution: 10 for small images, about 0.0002 · size² / batch as a start for others.
    public var gamma: Double
    /// Steps from one application to the next; its weight is multiplied by this.
    public var interval: Int

    public init(gamma: Double = 10, interval: Int = 16) {
        self.gamma = gamma
        self.interval = interval
    }

    public func isDue(step: Int) -> Bool { interval > 0 && gamma > 0 && step % interval == 0 }

    /// Weight of `penalty` in a step in which it is due: gamma / 2 · interval.
    public var weight: Double { gamma / 2 * Double(max(interval, 1)) }

    /// Mean over the batch of the squared gradient norm of the logits by the samples; differentiable (double backward).
    /// - Parameters:
    ///   - samples: real images [batch, …] or codes; detached here.
    ///   - discriminator: samples -> logits.
    ///   - view: what the discriminator sees of the samples (augmentation), twice differentiable; the gradient is that by the samples.
    /// - Returns: a scalar, unweighted.
    public func penalty(
        _ samples: Tensor, discriminator: Module, view: (Tensor) throws -> Tensor = { $0 }
    ) throws -> Tensor {
        let leaf = try samples.detach().requiresGrad_()
        let seen = try view(leaf)
        let logits = try discriminator.withSecondOrderFilters { try discriminator(seen) }
        guard let gradient = try Autograd.grad(outputs: [logits.sum()], inputs: [leaf], createGraph: true)[0]
        else {
            throw TorchError.invalidArgument("R1: the logits do not depend on the samples")
        }
        return try gradient.square().sum() / Double(max(samples.size(0), 1))
    }
}
