import NN
import Perceptual
import Torch

/// Everything that takes part in training an unmasker.
public final class UnmaskerNetworks {
    public let model: UnmaskingModel
    public let average: EMA<UnmaskingModel>
    public let discriminator: StyleGAN2Discriminator
    public let latentDiscriminator: LatentDiscriminator
    /// Frozen; nil when no stage uses it.
    public let perceptual: LPIPS?
    public let identity: IdentityLoss?

    public init(
        _ training: UnmaskerTraining, perceptual: LPIPS?, identity: IdentityLoss?, in context: Context
    ) throws {
        let configuration = training.networks
        model = try UnmaskingModel(configuration, in: context)
        average = try EMA(
            of: model, average: UnmaskingModel(configuration, in: context), decay: training.averageDecay)
        discriminator = try StyleGAN2Discriminator(training.discriminator, in: context)
        latentDiscriminator = try LatentDiscriminator(
            styleDimension: configuration.generator.styleDimension, in: context)
        self.perceptual = perceptual
        self.identity = identity
    }
}
