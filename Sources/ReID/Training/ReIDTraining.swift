import Configuration
import NN

/// The configuration of `semblance train reid`.
public struct ReIDTraining: Configurable, Equatable {
    public enum BatchKind: String, Codable, Sendable, Equatable {
        /// P identities with K images each, as triplet losses need.
        case identity
        /// P identities with K images each, dealt to the cameras by `cameraWeights` instead of by how much each saw: the
        /// set-reweighted sampler.
        case cameras
        /// Every image once per epoch, P · K in a batch.
        case shuffled
    }

    public enum OptimizerKind: String, Codable, Sendable, Equatable {
        case adam
        /// Adam with decoupled weight decay.
        case adamW
        /// With Nesterov momentum 0.9.
        case sgd
    }

    public var seed: UInt64 = 1
    public var network = EmbeddingNetworkConfiguration()
    /// Start from the backbone's ImageNet weights.
    public var pretrained = true
    public var loss = JointLossConfiguration()
    public var augmentation = PersonAugmentation()
    public var batches = BatchKind.identity
    /// With batches `cameras`: weight of each camera by its number in the data set; one that is not named has 1.
    public var cameraWeights: [String: Double] = [:]
    /// P.
    public var identitiesPerBatch = 16
    /// K.
    public var imagesPerIdentity = 4
    public var optimizer = OptimizerKind.adam
    public var rate = 3.5e-4
    public var weightDecay = 5e-4
    /// Factor on the rate of everything that is not the pretrained backbone.
    public var headRateFactor = 1.0
    /// Steps at the start in which the backbone stays as it was loaded and only the rest learns.
    public var frozenSteps = 0
    /// Layers of the backbone, by key ("features.0"), that stay as they were loaded, weights and statistics. In a network that
    /// was trained on people already, the first layers change little and cost most of a step.
    public var frozenLayers: [String] = []
    /// Largest 2-norm of the gradients; 0 does not clip.
    public var clipNorm = 0.0
    /// Decay of the weights' moving average, which is then the model; 0 keeps none.
    public var averageDecay = 0.0
    /// People of the training set that are held out for validation.
    public var heldOutPeople = 0
    public var stages = [ReIDStage()]
    public var validateEvery = 0
    public var checkpointEvery = 500
    public var logEvery = 50
    /// Background threads that decode and augment.
    public var workers = 1
    /// Keep decoded pictures in memory (Market-1501's take 320 MB).
    public var cachesImages = true
    /// Steps between measurements of the losses' radial and tangential gradients; 0 makes none.
    public var diagnoseEvery = 0

    public init() {}

    public func validate() throws(ConfigurationError) {
        guard !stages.isEmpty else { throw ConfigurationError("stages is empty: expected at least one") }
        for stage in stages {
            guard stage.steps > 0, stage.height >= 32, stage.width >= 32, stage.rateFactor > 0 else {
                throw ConfigurationError(
                    "stage '\(stage.name)': steps \(stage.steps), size \(stage.height)x\(stage.width), rateFactor \(stage.rateFactor): expected positive steps and rate and at least 32x32 pixels"
                )
            }
        }
        guard identitiesPerBatch > 0, imagesPerIdentity > 0, identitiesPerBatch * imagesPerIdentity > 1 else {
            throw ConfigurationError(
                "identitiesPerBatch \(identitiesPerBatch), imagesPerIdentity \(imagesPerIdentity): expected at least two images in a batch"
            )
        }
        guard rate > 0, weightDecay >= 0, headRateFactor > 0, clipNorm >= 0, averageDecay >= 0,
            averageDecay < 1,
            frozenSteps >= 0, heldOutPeople >= 0, workers >= 0, diagnoseEvery >= 0
        else {
            throw ConfigurationError(
                "rate \(rate), weightDecay \(weightDecay), headRateFactor \(headRateFactor), clipNorm \(clipNorm), averageDecay \(averageDecay), frozenSteps \(frozenSteps), heldOutPeople \(heldOutPeople), workers \(workers), diagnoseEvery \(diagnoseEvery): expected positive rates and nothing negative, averageDecay below 1"
            )
        }
        for (camera, weight) in cameraWeights.sorted(by: { $0.key < $1.key }) {
            guard Int(camera).map({ $0 > 0 }) ?? false, weight >= 0, weight.isFinite else {
                throw ConfigurationError(
                    "cameraWeights: camera '\(camera)' has weight \(weight): expected a number from 1 on with a weight of at least 0"
                )
            }
        }
        guard cameraWeights.isEmpty || batches == .cameras else {
            throw ConfigurationError(
                "cameraWeights have no meaning for batches '\(batches.rawValue)': choose batches 'cameras'")
        }
        guard validateEvery == 0 || heldOutPeople > 0 else {
            throw ConfigurationError(
                "validateEvery \(validateEvery) needs people to validate on: set heldOutPeople (75 of Market-1501's 751, say)"
            )
        }
        try loss.validate()
        try network.validate()
    }

    /// The run's augmentation with the stage's changes.
    public func augmentation(of stage: ReIDStage) -> PersonAugmentation {
        var own = augmentation
        own.erasing.probability = stage.erasing ?? own.erasing.probability
        own.padding = stage.padding ?? own.padding
        return own
    }

    public var totalSteps: Int { stages.reduce(0) { $0 + $1.steps } }

    /// Factor on the learning rates over the whole run.
    public var schedule: Schedule { .stages(stages.map(\.schedule)) }
}
