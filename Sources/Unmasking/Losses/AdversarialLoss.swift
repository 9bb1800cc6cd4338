import Torch

/// The non-saturating logistic loss (Goodfellow et al. 2014), for images and for codes.
public struct AdversarialLoss: Codable, Sendable, Equatable {
    public var weight: Double

    public init(weight: Double = 0.1) { self.weight = weight }

    /// What the generator minimises: softplus(-logit) over fakes, a scalar.
    public func generator(fake: Tensor) throws(TorchError) -> Tensor { try (-fake).softplus().mean() }

    /// What the discriminator minimises: softplus(-real) + softplus(fake), a scalar.
    public func discriminator(real: Tensor, fake: Tensor) throws(TorchError) -> Tensor {
        try (-real).softplus().mean() + fake.softplus().mean()
    }
}
