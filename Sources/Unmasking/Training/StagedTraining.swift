import Configuration
import Faces
import NN
import Torch
import Training

/// A part of a schedule: for how long, at which size, at which rate.
public protocol TrainingStage: Codable, Sendable {
    var name: String { get }
    var steps: Int { get }
    /// The generator draws up to this size.
    var size: Int { get }
    /// Learning rate at the start and, reached by half a cosine, at the end.
    var rate: Double { get }
    var finalRate: Double { get }
}

/// What the configurations of `semblance train unmasker`, `train generator` and `train landmarks` share: stages, held-back faces, intervals.
public protocol StagedTraining: Configurable {
    associatedtype Stage: TrainingStage
    var seed: UInt64 { get }
    var batch: Int { get }
    var stages: [Stage] { get }
    var precision: String { get }
    var heldBack: Int { get }
    var heldBackSeed: UInt64 { get }
    var checkpointEvery: Int { get }
    var keepCheckpoints: Int { get }
    var sheetEvery: Int { get }
    var validateEvery: Int { get }
    var logEvery: Int { get }
    var workers: Int { get }
}

extension StagedTraining {
    public var autocastType: ScalarType? { precision == "bfloat16" ? .bfloat16 : nil }
    public var totalSteps: Int { stages.reduce(0) { $0 + $1.steps } }

    /// The stage of a step, and the step within it.
    public func stage(at step: Int) -> (stage: Stage, index: Int, step: Int) {
        var start = 0
        for (index, stage) in stages.enumerated() {
            if step < start + stage.steps || index == stages.count - 1 { return (stage, index, step - start) }
            start += stage.steps
        }
        return (stages[stages.count - 1], stages.count - 1, step - start)
    }

    /// Learning rates over the stages, for optimisers of base rate 1: half a cosine in each from its first rate to its last.
    public func schedule(_ rate: (Stage) -> Double) -> Schedule {
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

    /// Checks a run's newest checkpoint. One that cannot be read is the loop's affair: it may take an older one.
    /// - Throws: as `check(_:path:)`.
    public func check(newest path: String) throws(UnmaskingError) {
        guard let state = try? Checkpoint.readState(path) else { return }
        try check(state, path: path)
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

    /// Which faces are trained on.
    /// - Throws: `UnmaskingError.configuration` when the faces have another size than the networks take, or are too few for a batch.
    func split(_ faces: AlignedFaces, size: Int) throws(UnmaskingError) -> FaceSplit {
        guard faces.size == size else {
            throw .configuration(
                "faces of \(faces.size) px for networks of \(size) px: expected the same size; prepare the faces again or change the networks' size in the configuration"
            )
        }
        let split = try FaceSplit(count: faces.count, heldBack: heldBack, seed: heldBackSeed)
        guard split.training.count >= batch else {
            throw .configuration(
                "\(faces.count) faces, \(heldBack) of them held back: expected at least one batch of \(batch) to train on"
            )
        }
        return split
    }

    /// All stages' batches, one stage after the other, made in the background from the faces that are trained on.
    /// - Parameter sample: makes a sample of a face for a stage; what it draws must follow from the seed alone.
    func batches(
        _ faces: AlignedFaces, _ split: FaceSplit, device: Device,
        sample: @escaping @Sendable (_ stage: Stage, _ index: Int, _ seed: UInt64) throws -> Sample
    ) throws -> StagedBatches {
        let training = split.training
        return try StagedBatches(
            stages.enumerated().map { index, stage in
                StagedBatches.Stage(batches: stage.steps) {
                    try DataLoader(
                        sampler: sampler(of: split, stage: index), seed: loaderSeed(stage: index),
                        workers: workers, prefetch: 3, device: device, name: { faces.names[training[$0]] }
                    ) { item, seed in try sample(stage, training[item], seed) }
                }
            })
    }

    /// Held-back faces in batches.
    /// - Parameter limit: at most this many faces.
    func heldBackBatches(
        _ split: FaceSplit, limit: Int = .max, device: Device, sample: (_ index: Int) throws -> Sample
    ) throws -> [Batch] {
        let indices = Array(split.heldBack.prefix(limit))
        return try stride(from: 0, to: indices.count, by: batch).map { start in
            let part = Array(indices[start...].prefix(batch))
            return try Batch(part.map(sample), indices: part, device: device)
        }
    }

    /// In which order a stage sees the faces, by their place in `split.training`.
    func sampler(of split: FaceSplit, stage: Int) throws(TrainingError) -> ShuffledSampler {
        try ShuffledSampler(
            count: split.training.count, batchSize: batch, seed: Generator.derive(seed, 1, UInt64(stage)),
            dropLast: true)
    }

    /// What the changes to the faces of a stage are drawn from.
    func loaderSeed(stage: Int) -> UInt64 { Generator.derive(seed, 2, UInt64(stage)) }

    /// - Throws: `ConfigurationError` for a decay that no moving average of weights can have.
    func validate(averageDecay: Double) throws(ConfigurationError) {
        guard averageDecay >= 0, averageDecay < 1 else {
            throw ConfigurationError("averageDecay \(averageDecay): expected 0 <= averageDecay < 1")
        }
    }

    /// - Throws: `ConfigurationError` naming the stage whose share of masked faces is none.
    func validate(maskShare: Double, of stage: Stage) throws(ConfigurationError) {
        guard (0...1).contains(maskShare) else {
            throw ConfigurationError(
                "stage '\(stage.name)': maskShare \(maskShare): expected a share in 0…1")
        }
    }

    /// - Throws: `ConfigurationError` naming the shared setting that cannot work.
    func validateSchedule(of generator: GeneratorConfiguration) throws(ConfigurationError) {
        try validateSchedule(sizes: generator.channels.keys.filter { $0 <= generator.size })
    }

    /// - Parameter sizes: those that stages may have.
    /// - Throws: `ConfigurationError` naming the shared setting that cannot work.
    func validateSchedule(sizes: [Int]) throws(ConfigurationError) {
        guard batch > 0, !stages.isEmpty else {
            throw ConfigurationError("batch \(batch), \(stages.count) stages: expected at least one of each")
        }
        guard ["bfloat16", "float32"].contains(precision) else {
            throw ConfigurationError("precision '\(precision)': expected bfloat16 or float32")
        }
        for (name, value, least) in [
            ("heldBack", heldBack, 0), ("checkpointEvery", checkpointEvery, 1),
            ("keepCheckpoints", keepCheckpoints, 1), ("sheetEvery", sheetEvery, 0),
            ("validateEvery", validateEvery, 0), ("logEvery", logEvery, 1), ("workers", workers, 0),
        ] where value < least {
            throw ConfigurationError("\(name) \(value): expected at least \(least)")
        }
        for stage in stages {
            guard sizes.contains(stage.size), stage.steps > 0 else {
                throw ConfigurationError(
                    "stage '\(stage.name)': size \(stage.size), steps \(stage.steps): expected a size that the networks have and positive steps"
                )
            }
            guard stage.rate >= 0, stage.finalRate >= 0, stage.rate > 0 || stage.finalRate == 0 else {
                throw ConfigurationError(
                    "stage '\(stage.name)': rate \(stage.rate), finalRate \(stage.finalRate): expected no negative rates, and a rate to come down from"
                )
            }
        }
    }
}
