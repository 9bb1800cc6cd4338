import NN
import Perceptual
import Torch

/// Everything that takes part in training an unmasker.
public final class UnmaskerNetworks {
    public let model: UnmaskingModel
    public let average: EMA<UnmaskingModel>
    public let discriminator: StyleGAN2Discriminator
    public let latentDiscriminator: LatentDiscriminator
    /// Nil when no stage uses it.
    public let featureDiscriminator: FeatureDiscriminator?
    /// Frozen; nil when no stage uses it.
    public let perceptual: LPIPS?
    public let identity: IdentityLoss?

    /// - Throws: `UnmaskingError.configuration` when a stage's losses need a perceptual network and there is none.
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
        if training.stages.contains(where: { $0.featureAdversarial.weight > 0 }) {
            guard let perceptual else {
                throw UnmaskingError.configuration(
                    "featureAdversarial looks at the features of LPIPS's network, which is missing")
            }
            featureDiscriminator = try FeatureDiscriminator(channels: perceptual.trunk.widths, in: context)
        } else {
            featureDiscriminator = nil
        }
        self.perceptual = perceptual
        self.identity = identity
    }
}
