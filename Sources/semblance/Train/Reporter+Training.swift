import CommandLineKit
import Unmasking

extension Reporter {
    /// Says what a run's configuration changes and which stages it has.
    func note<Training: StagedTraining>(training: Training, changes: [String]) {
        for change in changes where !change.hasPrefix("stages:") { note(change) }
        for stage in training.stages { note("stage \(stage.name): \(stage.steps) steps at \(stage.size) px") }
    }
}
