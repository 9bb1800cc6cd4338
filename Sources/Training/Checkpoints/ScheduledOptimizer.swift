import NN

/// An optimiser with its schedule and gradient limit.
public final class ScheduledOptimizer {
    public let optimizer: any Optimizer
    /// Factor on the learning rates as a function of the step.
    public let schedule: Schedule
    /// Largest joint 2-norm of the gradients; nil does not clip.
    public let clipNorm: Double?

    public init(_ optimizer: any Optimizer, schedule: Schedule = .constant, clipNorm: Double? = nil) {
        self.optimizer = optimizer
        self.schedule = schedule
        self.clipNorm = clipNorm
    }
}
