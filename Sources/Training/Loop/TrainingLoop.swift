import Foundation
import Torch

/// Runs a task: steps, schedules, averages, logs, validation, pictures, checkpoints; stops in good order and resumes exactly.
///
/// The folder of a run holds `config.json`, `log.jsonl`, `checkpoints/`, `events/` (for TensorBoard), `samples/`,
/// `losses.png` and `validation.png`.
/// A run that is killed and resumed gives the same losses, bit for bit, as one that was not, on the same machine with the same
/// number of threads: everything that a step depends on is in the checkpoint.
public final class TrainingLoop {
    public let options: LoopOptions
    public let folder: String
    let task: any TrainingTask
    let loader: any BatchSource
    let components: TrainingComponents
    let store: CheckpointStore
    let progress: ProgressReporter?
    let isCancelled: () -> Bool
    let configuration: String
    let resume: ResumeMode

    var state: Checkpoint.State
    var log: MetricsLog?
    var events: EventFileWriter?
    var lastCheckpoint: String?
    private var clock: ContinuousClock.Instant = .now
    private var secondsBefore = 0.0
    /// Samples since the last log line, and the time that their loading and their steps took.
    var samplesSinceLog = 0
    var steppingTime = Duration.zero

    /// - Parameters:
    ///   - folder: the run's folder; made if needed.
    ///   - configuration: the effective configuration as JSON text, saved beside the results and in the checkpoints.
    ///   - resume: what to do with checkpoints in the folder.
    ///   - progress: shows the steps; nil shows nothing.
    ///   - isCancelled: asked before each step; true ends the run with a checkpoint (set it from SIGINT).
    /// - Throws: `TrainingError` for settings that cannot work or a folder that cannot be made.
    public init(
        _ task: any TrainingTask, loader: any BatchSource, folder: String, options: LoopOptions,
        configuration: String = "{}", resume: ResumeMode = .automatic, progress: ProgressReporter? = nil,
        isCancelled: @escaping () -> Bool = { false }
    ) throws(TrainingError) {
        try options.validate()
        self.task = task
        self.loader = loader
        self.folder = folder
        self.options = options
        self.configuration = configuration
        self.resume = resume
        self.progress = progress
        self.isCancelled = isCancelled
        components = task.components
        try makeFolder(folder)
        store = try CheckpointStore(folder: "\(folder)/checkpoints", keep: options.keepCheckpoints)
        state = Checkpoint.State(step: 0, configuration: configuration)
    }

    /// Trains until the steps or the time are used up or the user stops it.
    /// - Throws: `TrainingError.notFinite` for a loss or gradient that is NaN or infinite, `.sample` for data that cannot be
    ///   loaded, `.checkpoint` for one that does not fit, and what the task throws. The checkpoints on disk stay.
    @discardableResult
    public func run() throws -> TrainingOutcome {
        try start()
        let startedAt = state.step
        var reason = TrainingOutcome.Reason.finished
        do {
            while state.step < options.steps {
                if isCancelled() {
                    reason = .interrupted
                    break
                }
                if let minutes = options.minutes, sessionSeconds >= minutes * 60 {
                    reason = .outOfTime
                    break
                }
                let began = ContinuousClock.now
                guard let batch = try loader.next() else { break }
                try advance(batch, since: began)
            }
        } catch {
            // Diagnosis is worth more than a clean log; a second error must not hide the first.
            try? log?.add(line(.end, note: "\(error)"))
            progress?.finish(state.step, "stopped by an error")
            loader.close()
            throw error
        }
        return try end(reason, startedAt: startedAt)
    }

    private func advance(_ batch: Batch, since began: ContinuousClock.Instant) throws {
        let context = StepContext(
            step: state.step, items: batch.names, optimizers: components.optimizers,
            lastCheckpoint: lastCheckpoint)
        try task.step(batch, context)
        for (_, average) in components.averages {
            let ramp = Double(1 + state.step) / Double(10 + state.step)
            try average.update(decay: options.averageWarmUp ? min(average.decay, ramp) : average.decay)
        }
        state.step += 1
        state.means.add(context.values)
        samplesSinceLog += batch.count
        steppingTime += .now - began
        progress?.update(state.step, summary(context.values))
        if due(options.logEvery) { try writeLog() }
        if due(options.histogramEvery) { try writeHistograms() }
        var isBest = false
        if due(options.validateEvery) { isBest = try validate() }
        if due(options.sampleEvery) { try writeSamples() }
        if due(options.checkpointEvery) || isBest { try save(isBest: isBest) }
    }

    private func end(_ reason: TrainingOutcome.Reason, startedAt: Int) throws -> TrainingOutcome {
        var isBest = false
        if reason == .finished, options.validateEvery > 0, state.history.validations.last?.step != state.step
        {
            isBest = try validate()
        }
        if state.step > startedAt || lastCheckpoint == nil {
            try save(isBest: isBest)
        } else {
            // What the run gives to others may be missing: it started at the end of another, or was killed just before.
            try task.publish(to: folder, step: state.step)
        }
        try log?.add(line(.end, note: reason.rawValue))
        try writeCurves()
        progress?.finish(state.step, reason == .finished ? "" : reason.rawValue)
        loader.close()
        events?.flush()
        return TrainingOutcome(
            reason: reason, step: state.step, startedAt: startedAt, seconds: totalSeconds,
            history: state.history,
            checkpoint: lastCheckpoint)
    }

    private func due(_ interval: Int) -> Bool { interval > 0 && state.step % interval == 0 }

    /// Seconds since this session's first step.
    var sessionSeconds: Double { (ContinuousClock.now - clock) / .seconds(1) }

    var totalSeconds: Double { secondsBefore + sessionSeconds }

    func startClock(after seconds: Double) {
        secondsBefore = seconds
        clock = .now
    }

    private func summary(_ values: [String: Double]) -> String {
        values.filter { !$0.key.hasPrefix("gradient norm") }.sorted { $0.key < $1.key }.prefix(5)
            .map { "\($0.key) \(String(format: "%.4g", $0.value))" }.joined(separator: "  ")
    }
}
