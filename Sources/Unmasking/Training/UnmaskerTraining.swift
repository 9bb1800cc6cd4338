import Configuration
import Faces
import Torch

/// The configuration of `semblance train unmasker`.
public struct UnmaskerTraining: StagedTraining, Equatable {
    public var seed: UInt64 = 1
    public var batch = 16
    public var networks = UnmaskingModelConfiguration.compact128
    public var discriminator = DiscriminatorConfiguration(
        size: 128, channels: [4: 256, 8: 256, 16: 128, 32: 64, 64: 32, 128: 16], progressiveInputs: true)
    /// Decay of the weights' moving average, which is what a finished model is.
    public var averageDecay = 0.998
    /// "bfloat16" or "float32"; bfloat16 halves the time on CPUs that compute with it.
    public var precision = "bfloat16"
    /// Faces held back from training, for sample sheets and validation, and the seed that draws them from the whole file.
    public var heldBack = 64
    public var heldBackSeed: UInt64 = 0
    public var augmentation = FaceAugmentation()
    /// Recognisers that the identity loss averages over. Judge the result by others.
    public var identityRecognisers: [RecogniserModel] = [.edgeface]
    /// Random views in which the identity loss sees recovered faces; null shows it one fixed view.
    public var identityAugmentation: IdentityAugmentation? = IdentityAugmentation()
    /// Earlier true faces that each recovered one is told from by the stages' `identityContrast`.
    public var identityQueue = 4096
    /// Codes that the latent discriminator's pools hold.
    public var latentPool = 50
    public var stages: [UnmaskerStage] = [UnmaskerStage()]
    /// Steps between checkpoints, and how many of the newest stay; with each the finished model is written anew.
    public var checkpointEvery = 500
    public var keepCheckpoints = 2
    /// Steps between sample sheets, and between validations on the held-back faces; 0: never.
    public var sheetEvery = 500
    public var validateEvery = 500
    public var logEvery = 20
    /// Background threads that make batches; their number changes nothing but the speed.
    public var workers = 1

    public init() {}

    public func validate() throws(ConfigurationError) {
        try validateSchedule(of: networks.generator)
        try validate(averageDecay: averageDecay)
        guard latentPool >= 0 else {
            throw ConfigurationError("latentPool \(latentPool): expected at least 0")
        }
        guard identityQueue >= 0 else {
            throw ConfigurationError("identityQueue \(identityQueue): expected at least 0")
        }
        guard !identityRecognisers.isEmpty, Set(identityRecognisers).count == identityRecognisers.count else {
            throw ConfigurationError(
                "identityRecognisers \(identityRecognisers.map(\.rawValue)): expected at least one, each once; the loss is left out by its weights, identity: 0 and identityContrast: { weight: 0 }, in the stages"
            )
        }
        for stage in stages {
            try validate(maskShare: stage.maskShare, of: stage)
            guard stage.generatorRate ?? 0 >= 0 else {
                throw ConfigurationError(
                    "stage '\(stage.name)': generatorRate \(stage.generatorRate ?? 0): expected no negative rate, or null for the encoder's"
                )
            }
        }
    }
}
