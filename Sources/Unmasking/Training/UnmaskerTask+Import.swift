import NN
import Torch
import Training

extension UnmaskerTask {
    private static let oldFormat = "semblance-unmasker-checkpoint-1"

    /// Takes weights and optimisers from a checkpoint of another run, to start one where that one stood.
    ///
    /// Reads what training loops write, and the single file (`checkpoint.safetensors`) that versions before them wrote.
    /// - Returns: the run's first checkpoint: its step is that of the file.
    /// - Throws: `TrainingError.checkpoint` for another kind of file or one of other stages, `TorchError.stateDict` for networks of
    ///   another configuration.
    public func adopt(_ path: String) throws -> Checkpoint {
        let tensors = try SafeTensors.read(path)
        let metadata = try SafeTensors.metadata(path)
        let step: Int
        if metadata["format"] == Self.oldFormat {
            guard let text = metadata["step"], let number = Int(text) else {
                throw TrainingError.checkpoint(path: path, reason: "it does not say its step")
            }
            try components.load(Self.renamed(tensors).merging(initialState()) { old, _ in old }, source: path)
            step = number
        } else {
            step = try Checkpoint.readState(path).step
            try components.load(tensors.filter { !$0.key.hasPrefix("extra/") }, source: path)
            try restore(
                extra: Dictionary(
                    uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix("extra/") }.map {
                        (String($0.key.dropFirst(6)), $0.value)
                    }))
        }
        guard step <= training.totalSteps else {
            throw TrainingError.checkpoint(
                path: path,
                reason:
                    "it stands at step \(step), beyond the \(training.totalSteps) steps of the configured stages; append stages"
            )
        }
        var all = try components.tensors()
        for (key, tensor) in try extraState() { all["extra/\(key)"] = tensor }
        let state = Checkpoint.State(
            step: step, loader: try data.position(at: step), configuration: try training.json())
        return Checkpoint(state: state, tensors: all)
    }

    /// Takes a generator that was trained before, as published methods do, and starts the encoder at its mean code. How much it
    /// still learns is the stages' `generatorRate` and `freezesGenerator`.
    /// - Throws: `UnmaskingError.configuration` when it is built otherwise than the configuration says.
    public func adopt(_ generator: GeneratorModel) throws {
        let expected = training.networks.generator
        guard generator.configuration.generator == expected else {
            throw UnmaskingError.configuration(
                "the given generator is built otherwise (\(generator.configuration.generator.details)) than networks.generator of the configuration (\(expected.details))"
            )
        }
        for model in [networks.model, networks.average.average] {
            try model.generator.copy(from: generator.generator)
            try model.encoder.setMeanLatent(generator.meanLatent)
        }
    }

    /// Takes the networks of a finished model, to train it further; optimisers and discriminators begin anew.
    /// - Throws: `UnmaskingError.configuration` when it is built otherwise than the configuration says.
    public func adopt(_ model: UnmaskingModel) throws {
        guard model.configuration == training.networks else {
            throw UnmaskingError.configuration(
                "the model to start from is built otherwise (generator: \(model.configuration.generator.details)) than the configuration's networks (\(training.networks.generator.details))"
            )
        }
        for own in [networks.model, networks.average.average] { try own.copy(from: model) }
    }

    /// What old checkpoints do not hold: it starts as it is.
    private func initialState() throws(TorchError) -> [String: Tensor] {
        try components.tensors().filter {
            $0.key.hasPrefix("model/latentDiscriminator/") || $0.key.hasPrefix("generator/")
        }
    }

    private static func renamed(_ old: [String: Tensor]) -> [String: Tensor] {
        let prefixes = [
            "model.": "model/model/", "discriminator.": "model/discriminator/", "average.": "ema/model/",
            "optimizer.encoder.": "optimizer/encoder/", "optimizer.generator.": "optimizer/generator/",
            "optimizer.discriminator.": "optimizer/discriminator/",
        ]
        var tensors: [String: Tensor] = [:]
        for (key, tensor) in old {
            let match = prefixes.first { key.hasPrefix($0.key) }
            tensors[match.map { $0.value + key.dropFirst($0.key.count) } ?? key] = tensor
        }
        return tensors
    }
}
