import Configuration

/// One stage of training: for how long, at which size, with which losses.
public struct UnmaskerStage: TrainingStage, Equatable {
    public var name = "stage"
    public var steps = 1000
    /// The generator draws up to this size and the losses compare there: lower sizes first save time.
    public var size = 128
    /// Share of the faces that wear a mask; the others teach the face prior.
    public var maskShare = 0.0
    /// Learning rate at the start and, reached by half a cosine, at the end.
    public var rate = 1e-3
    public var finalRate = 1e-3

    public var pixel = PixelLoss(weight: 1, norm: .l1, hidden: 2, visible: 1)
    /// LPIPS (Alex) with each pixel counted `1 + hiddenPerceptual · alpha` times.
    public var perceptual = 1.0
    public var hiddenPerceptual = 2.0
    public var variation = TotalVariationLoss(weight: 0)
    public var segmentation = SegmentationLoss(weight: 0.2)
    public var latent = LatentRegularization(normWeight: 0, deltaWeight: 1e-4)
    public var deltas = ProgressiveDeltas()
    /// Mean square of the additive features.
    public var featureOffset = 1e-3
    /// 1 - cosine of embeddings by `identityRecognisers`; late and small, or it draws adversarial patterns.
    public var identity = 0.0
    /// The same embeddings: each recovered face nearer to its own true face than to earlier ones of other people.
    public var identityContrast = IdentityContrastLoss(weight: 0)
    /// Distance to the W+ codes that the averaged encoder gives the same photos without their masks.
    public var consistency = LatentConsistencyLoss(weight: 0)
    /// Agreement with the mirror image of what is drawn of the mirrored photo.
    public var mirror = MirrorConsistencyLoss(weight: 0)

    /// 0 leaves the discriminator out.
    public var adversarial = AdversarialLoss(weight: 0)
    public var r1 = R1Regularization(gamma: 2, interval: 16)
    public var discriminatorRate = 1e-3
    /// A discriminator of LPIPS's features, which learns sooner than that of pixels; 0 leaves it out.
    public var featureAdversarial = FeatureAdversarialLoss(weight: 0)
    /// 0 leaves the latent discriminator out.
    public var latentAdversarial = LatentAdversarialLoss(weight: 0)
    /// 0 leaves path-length regularisation out.
    public var pathLength = PathLengthRegularization.Settings(weight: 0)
    /// Only the encoder learns.
    public var freezesGenerator = false
    /// The generator's own learning rate at the stage's start, which comes down as `rate` does: a small one tunes a generator that was
    /// trained before. Null learns at `rate`.
    public var generatorRate: Double?

    public init() {}
}

extension UnmaskerStage {
    /// Missing keys keep their defaults: a configuration names only what a stage changes.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        try values.read(.name, into: &name)
        try values.read(.steps, into: &steps)
        try values.read(.size, into: &size)
        try values.read(.maskShare, into: &maskShare)
        try values.read(.rate, into: &rate)
        try values.read(.finalRate, into: &finalRate)
        try values.read(.pixel, into: &pixel)
        try values.read(.perceptual, into: &perceptual)
        try values.read(.hiddenPerceptual, into: &hiddenPerceptual)
        try values.read(.variation, into: &variation)
        try values.read(.segmentation, into: &segmentation)
        try values.read(.latent, into: &latent)
        try values.read(.deltas, into: &deltas)
        try values.read(.featureOffset, into: &featureOffset)
        try values.read(.identity, into: &identity)
        try values.read(.identityContrast, into: &identityContrast)
        try values.read(.consistency, into: &consistency)
        try values.read(.mirror, into: &mirror)
        try values.read(.adversarial, into: &adversarial)
        try values.read(.r1, into: &r1)
        try values.read(.discriminatorRate, into: &discriminatorRate)
        try values.read(.featureAdversarial, into: &featureAdversarial)
        try values.read(.latentAdversarial, into: &latentAdversarial)
        try values.read(.pathLength, into: &pathLength)
        try values.read(.freezesGenerator, into: &freezesGenerator)
        generatorRate = try values.decodeIfPresent(Double.self, forKey: .generatorRate)
    }

    /// Whether any of its losses asks LPIPS's network.
    public var looksAtFeatures: Bool { perceptual > 0 || featureAdversarial.weight > 0 }

    /// Whether any of its losses asks a recogniser.
    public var judgesIdentity: Bool { identity > 0 || identityContrast.weight > 0 }
}
