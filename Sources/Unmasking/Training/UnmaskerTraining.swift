import Configuration
import Foundation
import Torch

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
    /// Faces held back from training for sample sheets, from the end of the file.
    public var heldBack = 64
    public var augmentation = FaceAugmentation()
    public var stages: [UnmaskerStage] = [UnmaskerStage()]
    public var checkpointEvery = 500
    public var sheetEvery = 500
    public var logEvery = 20

    public init() {}

    public func validate() throws(ConfigurationError) {
        guard batch > 0, !stages.isEmpty else {
            throw ConfigurationError("batch \(batch), \(stages.count) stages: expected at least one of each")
        }
        guard ["bfloat16", "float32"].contains(precision) else {
            throw ConfigurationError("precision '\(precision)': expected bfloat16 or float32")
        }
        guard averageDecay >= 0, averageDecay < 1, checkpointEvery > 0, sheetEvery > 0, logEvery > 0,
            heldBack >= 0
        else {
            throw ConfigurationError(
                "averageDecay \(averageDecay), heldBack \(heldBack), checkpointEvery \(checkpointEvery), sheetEvery \(sheetEvery), logEvery \(logEvery): expected 0 <= averageDecay < 1 and positive intervals"
            )
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
        }
    }

    public var autocastType: ScalarType? { precision == "bfloat16" ? .bfloat16 : nil }
    public var totalSteps: Int { stages.reduce(0) { $0 + $1.steps } }

    /// The stage of a step, the step within it, and how far its learning rate has come down: 1 at its start, 0 at its end.
    public func stage(at step: Int) -> (stage: UnmaskerStage, index: Int, step: Int, rateFactor: Double) {
        var start = 0
        for (index, stage) in stages.enumerated() {
            if step < start + stage.steps || index == stages.count - 1 {
                let progress = Double(step - start) / Double(max(stage.steps, 1))
                return (stage, index, step - start, 0.5 * (1 + cosine(min(progress, 1))))
            }
            start += stage.steps
        }
        return (stages[stages.count - 1], stages.count - 1, step - start, 0)
    }
}

/// cos(π·x).
private func cosine(_ x: Double) -> Double { cos(.pi * x) }
