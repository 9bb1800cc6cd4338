import Configuration
import Foundation

/// The configuration of `semblance train generator`: StyleGAN2 as published (Karras et al. 2020), on aligned faces.
public struct GeneratorTraining: StagedTraining, Equatable {
    public var seed: UInt64 = 1
    public var batch = 16
    public var generator = GeneratorConfiguration.compact(size: 128)
    public var discriminator = DiscriminatorConfiguration(
        size: 128, channels: [4: 256, 8: 256, 16: 128, 32: 64, 64: 32, 128: 16], progressiveInputs: true)
    /// Images after which the moving average of the generator's weights has half forgotten; the average is the finished generator.
    public var averageHalfLife = 10_000.0
    /// "bfloat16" or "float32"; bfloat16 halves the time on CPUs that compute with it. Regularisation is computed in float32.
    public var precision = "float32"
    /// Faces held back from training, to measure the kernel distance to, and the seed that draws them from the whole file.
    public var heldBack = 256
    public var heldBackSeed: UInt64 = 0
    /// Probability that a training face is mirrored.
    public var mirrored = 0.5
    /// Probability that a batch mixes the styles of two codes.
    public var styleMixing = 0.9
    /// Steps from one R1 penalty, and one path-length penalty, to the next.
    public var r1Interval = 16
    public var pathInterval = 4
    /// Path lengths are measured on batch / this.
    public var pathBatchShrink = 2
    public var augmentation = DiscriminatorAugmentation()
    /// Of the lower half of the sample sheets; the upper half is drawn without.
    public var truncation = 0.7
    public var stages: [GeneratorStage] = [GeneratorStage()]
    /// Steps between checkpoints, and how many of the newest stay; with each the finished generator is written anew.
    public var checkpointEvery = 500
    public var keepCheckpoints = 2
    /// Steps between sample sheets, and between measurements of the kernel distance; 0: never.
    public var sheetEvery = 500
    public var validateEvery = 500
    public var logEvery = 20
    /// Background threads that make batches; their number changes nothing but the speed.
    public var workers = 1

    public init() {}

    public func validate() throws(ConfigurationError) {
        try validateSchedule(of: generator)
        try augmentation.validate()
        guard discriminator.size == generator.size else {
            throw ConfigurationError(
                "discriminator.size \(discriminator.size), generator.size \(generator.size): expected the same size"
            )
        }
        let small = stages.filter { $0.size != generator.size }.map(\.size)
        guard discriminator.progressiveInputs || small.isEmpty else {
            throw ConfigurationError(
                "stages of \(small) px: expected discriminator.progressiveInputs to be true for sizes below \(generator.size)"
            )
        }
        for (name, share) in [("mirrored", mirrored), ("styleMixing", styleMixing)]
        where !(0...1).contains(share) {
            throw ConfigurationError("\(name) \(share): expected a share in 0…1")
        }
        for (name, value) in [("r1Interval", r1Interval), ("pathInterval", pathInterval)] where value < 1 {
            throw ConfigurationError("\(name) \(value): expected at least 1")
        }
        guard averageHalfLife >= 0, pathBatchShrink >= 1 else {
            throw ConfigurationError(
                "averageHalfLife \(averageHalfLife), pathBatchShrink \(pathBatchShrink): expected at least 0 and at least 1"
            )
        }
        for stage in stages where stage.discriminatorRate < 0 || stage.pathLength < 0 || stage.r1 ?? 0 < 0 {
            throw ConfigurationError(
                "stage '\(stage.name)': discriminatorRate \(stage.discriminatorRate), pathLength \(stage.pathLength), r1 \(stage.r1 ?? 0): expected none below 0"
            )
        }
    }

    /// Decay of the weights' moving average in one step.
    public var averageDecay: Double {
        averageHalfLife > 0 ? pow(0.5, Double(batch) / averageHalfLife) : 0
    }

    /// The gradient penalty of a stage.
    public func r1(_ stage: GeneratorStage) -> R1Regularization {
        R1Regularization(
            gamma: stage.r1 ?? 0.0002 * Double(stage.size * stage.size) / Double(batch), interval: r1Interval)
    }

    /// Path-length regularisation of a stage.
    public func pathLength(_ stage: GeneratorStage) -> PathLengthRegularization.Settings {
        PathLengthRegularization.Settings(
            weight: stage.pathLength, interval: pathInterval, batchShrink: pathBatchShrink)
    }
}
