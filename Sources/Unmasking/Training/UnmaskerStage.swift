/// One stage of training: for how long, at which size, with which losses.
public struct UnmaskerStage: Codable, Sendable, Equatable {
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
    public var segmentation = SegmentationLoss(weight: 0.2)
    public var latent = LatentRegularization(normWeight: 0, deltaWeight: 1e-4)
    /// Mean square of the additive features.
    public var featureOffset = 1e-3
    /// 0 leaves the discriminator out.
    public var adversarial = AdversarialLoss(weight: 0)
    public var r1 = R1Regularization(gamma: 2, interval: 16)
    public var discriminatorRate = 1e-3
    /// 1 - cosine of EdgeFace embeddings; late and small, or it draws adversarial patterns.
    public var identity = 0.0
    /// Only the encoder learns.
    public var freezesGenerator = false

    public init() {}
}

extension UnmaskerStage {
    /// Missing keys keep their defaults: a configuration names only what a stage changes.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
            value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        self.init()
        try read(.name, into: &name)
        try read(.steps, into: &steps)
        try read(.size, into: &size)
        try read(.maskShare, into: &maskShare)
        try read(.rate, into: &rate)
        try read(.finalRate, into: &finalRate)
        try read(.pixel, into: &pixel)
        try read(.perceptual, into: &perceptual)
        try read(.hiddenPerceptual, into: &hiddenPerceptual)
        try read(.segmentation, into: &segmentation)
        try read(.latent, into: &latent)
        try read(.featureOffset, into: &featureOffset)
        try read(.adversarial, into: &adversarial)
        try read(.r1, into: &r1)
        try read(.discriminatorRate, into: &discriminatorRate)
        try read(.identity, into: &identity)
        try read(.freezesGenerator, into: &freezesGenerator)
    }
}
