import Faces
import NN
import Perceptual
import Torch

/// Everything that takes part in training an unmasker.
public final class UnmaskerNetworks {
    public let model: UnmaskingModel
    public let average: EMA<UnmaskingModel>
    public let discriminator: StyleGAN2Discriminator
    /// Frozen; nil when no stage uses it.
    public let perceptual: LPIPS?
    public let identity: IdentityLoss?
    public let encoderOptimizer: Adam
    public let generatorOptimizer: Adam
    public let discriminatorOptimizer: Adam

    public init(
        _ configuration: UnmaskingModelConfiguration, discriminator: DiscriminatorConfiguration,
        perceptual: LPIPS?, identity: IdentityLoss?, averageDecay: Double, in context: Context
    ) throws {
        model = try UnmaskingModel(configuration, in: context)
        average = try EMA(of: model, average: UnmaskingModel(configuration, in: context), decay: averageDecay)
        self.discriminator = try StyleGAN2Discriminator(discriminator, in: context)
        self.perceptual = perceptual
        self.identity = identity
        encoderOptimizer = Adam(model.encoder.parameters(), rate: 1e-3, betas: (0.9, 0.99))
        generatorOptimizer = Adam(model.generator.parameters(), rate: 1e-3, betas: (0.9, 0.99))
        discriminatorOptimizer = Adam(self.discriminator.parameters(), rate: 1e-3, betas: (0, 0.99))
    }
}
