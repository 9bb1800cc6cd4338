import Configuration
import NN
import Torch
import Training

/// The configuration of `semblance train unmasker`.
public struct UnmaskerTraining: Configurable, Equatable {
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
    /// Random views in which the identity loss sees recovered faces; null shows it one fixed view.
    public var identityAugmentation: IdentityAugmentation? = IdentityAugmentation()
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
        guard batch > 0, !stages.isEmpty else {
            throw ConfigurationError("batch \(batch), \(stages.count) stages: expected at least one of each")
        }
        guard ["bfloat16", "float32"].contains(precision) else {
            throw ConfigurationError("precision '\(precision)': expected bfloat16 or float32")
        }
        guard averageDecay >= 0, averageDecay < 1 else {
            throw ConfigurationError("averageDecay \(averageDecay): expected 0 <= averageDecay < 1")
        }
        for (name, value, least) in [
            ("heldBack", heldBack, 0), ("latentPool", latentPool, 0), ("checkpointEvery", checkpointEvery, 1),
            ("keepCheckpoints", keepCheckpoints, 1), ("sheetEvery", sheetEvery, 0),
            ("validateEvery", validateEvery, 0), ("logEvery", logEvery, 1), ("workers", workers, 0),
        ] where value < least {
            throw ConfigurationError("\(name) \(value): expected at least \(least)")
        }
        for stage in stages {
            guard networks.generator.channels[stage.size] != nil, stage.size <= networks.generator.size,
                stage.steps > 0,
                (0...1).contains(stage.maskShare)
            else {
                throw ConfigurationError(
                    "stage '\(stage.name)': size \(stage.size), steps \(stage.steps), maskShare \(stage.maskShare): expected a size the generator has, positive steps and a share in 0…1"
                )
            }
            guard stage.rate >= 0, stage.finalRate >= 0, stage.rate > 0 || stage.finalRate == 0 else {
                throw ConfigurationError(
                    "stage '\(stage.name)': rate \(stage.rate), finalRate \(stage.finalRate): expected no negative rates, and a rate to come down from"
                )
            }
        }
    }

    public var autocastType: ScalarType? { precision == "bfloat16" ? .bfloat16 : nil }
    public var totalSteps: Int { stages.reduce(0) { $0 + $1.steps } }

    /// The stage of a step, and the step within it.
    public func stage(at step: Int) -> (stage: UnmaskerStage, index: Int, step: Int) {
        var start = 0
        for (index, stage) in stages.enumerated() {
            if step < start + stage.steps || index == stages.count - 1 { return (stage, index, step - start) }
            start += stage.steps
        }
        return (stages[stages.count - 1], stages.count - 1, step - start)
    }

    /// Learning rates over the stages, for optimisers of base rate 1: half a cosine in each from its first rate to its last.
    public func schedule(_ rate: (UnmaskerStage) -> Double) -> Schedule {
        .stages(
            stages.map { stage in
                let floor = stage.rate > 0 ? stage.finalRate / stage.rate : 1
                return ScheduleStage(
                    steps: stage.steps, scale: rate(stage),
                    schedule: .cosine(start: 0, end: stage.steps, floor: floor))
            })
    }

    /// What the training loop is told.
    /// - Parameter minutes: time budget of the session.
    public func loopOptions(minutes: Double? = nil) -> LoopOptions {
        var options = LoopOptions(steps: totalSteps)
        options.minutes = minutes
        options.logEvery = logEvery
        options.validateEvery = heldBack > 0 ? validateEvery : 0
        options.checkpointEvery = checkpointEvery
        options.keepCheckpoints = keepCheckpoints
        options.sampleEvery = heldBack > 0 ? sheetEvery : 0
        return options
    }

    /// A run goes on only with the stages that it has been through.
    /// - Throws: `UnmaskingError.configuration` when stages before the stored position have another length now.
    public func check(_ state: Checkpoint.State, path: String) throws(UnmaskingError) {
        guard let position = state.loader, let stage = position.stage, let batch = position.stageBatch else {
            return
        }
        let done = stages.prefix(stage).reduce(0) { $0 + $1.steps } + batch
        guard done == state.step else {
            throw .configuration(
                "\(path) stands at step \(state.step), batch \(batch) of stage \(stage); by this configuration that would be step \(done): the stages that are done must keep their steps, append new ones behind them"
            )
        }
    }
}
