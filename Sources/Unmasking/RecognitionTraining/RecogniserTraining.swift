import Configuration
import Faces
import Torch

/// The configuration of `semblance train recogniser`: a face recogniser learns to see through masks. It is the rival of recovery, which
/// leaves recognisers as they are.
public struct RecogniserTraining: StagedTraining, Equatable {
    public var seed: UInt64 = 1
    public var batch = 32
    /// Which network is trained further.
    public var recogniser = RecogniserModel.edgeface
    /// Decay of the weights' moving average, which is what a finished network is.
    public var averageDecay = 0.998
    /// "bfloat16" or "float32".
    public var precision = "float32"
    /// Faces held back from training to measure on, and the seed that draws them from the whole file.
    public var heldBack = 256
    public var heldBackSeed: UInt64 = 0
    public var augmentation = FaceAugmentation()
    /// Random views in which the recogniser sees the faces; null shows it one fixed view.
    public var identityAugmentation: IdentityAugmentation? = IdentityAugmentation()
    /// Earlier unmasked faces that each face is told from by the stages' `identityContrast`.
    public var identityQueue = 4096
    public var stages: [RecogniserStage] = [RecogniserStage()]
    /// Steps between checkpoints, and how many of the newest stay; with each the finished network is written anew.
    public var checkpointEvery = 250
    public var keepCheckpoints = 2
    /// Steps between validations on the held-back faces; 0: never. There are no sample sheets.
    public var validateEvery = 250
    public var sheetEvery: Int { 0 }
    public var logEvery = 20
    /// Background threads that make batches; their number changes nothing but the speed.
    public var workers = 1

    public init() {}

    public func validate() throws(ConfigurationError) {
        try validateSchedule(sizes: [128])
        try validate(averageDecay: averageDecay)
        guard identityQueue >= 0 else {
            throw ConfigurationError("identityQueue \(identityQueue): expected at least 0")
        }
        for stage in stages {
            try validate(maskShare: stage.maskShare, of: stage)
            guard stage.identity >= 0, stage.identityContrast.weight >= 0,
                stage.identity + stage.identityContrast.weight > 0
            else {
                throw ConfigurationError(
                    "stage '\(stage.name)': identity \(stage.identity), identityContrast.weight \(stage.identityContrast.weight): expected no negative weights, and one above 0"
                )
            }
        }
    }
}
