import CommandLineKit
import Training
import Unmasking

extension Invocation {
    /// Trains from the folder's newest checkpoint, which must fit the configuration; a folder without any is begun.
    /// - Parameter begin: called before a run begins, to take over weights.
    func train(
        _ task: some TrainingTask, _ batches: StagedBatches, _ configuration: some StagedTraining,
        folder: String, minutes: Double?, result: String, begin: () throws -> Void
    ) throws {
        let newest = try CheckpointStore(folder: "\(folder)/checkpoints", keep: configuration.keepCheckpoints)
            .all.last
        if let newest { try configuration.check(newest: newest.path) } else { try begin() }
        try train(
            task, batches, configuration, folder: folder, minutes: minutes, start: newest?.step ?? 0,
            result: result)
    }

    /// Trains until the run is done, its time is over or the user interrupts it, and reports where it stands then.
    /// - Parameters:
    ///   - start: the step that the run stands at.
    ///   - result: name of the file in `folder` that the task keeps up to date.
    func train(
        _ task: some TrainingTask, _ batches: StagedBatches, _ configuration: some StagedTraining,
        folder: String, minutes: Double?, start: Int, result: String
    ) throws {
        let progress =
            reporter.isQuiet
            ? nil : ProgressReporter("train", total: configuration.totalSteps, start: start)
        let loop = try TrainingLoop(
            task, loader: batches, folder: folder, options: configuration.loopOptions(minutes: minutes),
            configuration: configuration.json(), progress: progress,
            isCancelled: { cancellation.isCancelled })
        let outcome = try loop.run()
        try reporter.result(outcome)
        try reporter.line(
            "\(outcome.reason.rawValue) at step \(outcome.step) of \(configuration.totalSteps): \(folder)/\(result)"
        )
    }
}
