import NN
import Torch

/// What a step needs from the loop: where it is, and how to update.
public final class StepContext {
    /// Number of this step, from 0.
    public let step: Int
    /// Values to log, by name.
    public private(set) var values: [String: Double] = [:]
    private let items: [String]
    private let optimizers: [String: ScheduledOptimizer]
    private let lastCheckpoint: String?

    /// For loops other than `TrainingLoop`; sets the optimisers to the rates of this step.
    /// - Parameters:
    ///   - items: names of the batch's samples, for messages.
    ///   - lastCheckpoint: the newest checkpoint, for messages.
    public init(
        step: Int, items: [String] = [], optimizers: [String: ScheduledOptimizer],
        lastCheckpoint: String? = nil
    ) {
        self.step = step
        self.items = items
        self.optimizers = optimizers
        self.lastCheckpoint = lastCheckpoint
        for (_, entry) in optimizers { entry.optimizer.setFactor(entry.schedule.factor(at: step)) }
    }

    /// Clears the optimiser's gradients, differentiates the weighted sum, clips and updates.
    /// - Throws: `TrainingError.notFinite` naming the term, before anything is changed; `.invalidArgument` for an unknown optimiser.
    public func minimise(_ losses: Losses, with name: String, retainGraph: Bool = false) throws {
        try optimizer(name).optimizer.zeroGrad()
        try backward(losses, retainGraph: retainGraph)
        try update(name)
    }

    /// Records the losses and accumulates their gradients, for steps of several parts; `update(_:)` ends them.
    /// - Parameter scale: factor on the sum (1/n when n batches are accumulated).
    public func backward(_ losses: Losses, scale: Double = 1, retainGraph: Bool = false) throws {
        try record(losses)
        let total = try losses.total()
        try (scale == 1 ? total : total * scale).backward(retainGraph: retainGraph)
    }

    /// Clips the gradients that were accumulated, updates the parameters and clears the gradients.
    /// - Throws: `TrainingError.notFinite` when the gradients' norm is not finite; the parameters are then unchanged.
    public func update(_ name: String) throws {
        let entry = try optimizer(name)
        let norm = try entry.optimizer.clipGradients(norm: entry.clipNorm ?? .infinity)
        try log("gradient norm/\(name)", norm)
        try entry.optimizer.step()
        try entry.optimizer.zeroGrad()
    }

    /// Clears an optimiser's gradients.
    public func zeroGrad(_ name: String) throws { try optimizer(name).optimizer.zeroGrad() }

    /// Records values without differentiating.
    public func record(_ losses: Losses) throws {
        for (name, value) in try losses.values() { try log(name, value) }
    }

    /// Adds a number to the log.
    /// - Throws: `TrainingError.notFinite` when it is NaN or infinite.
    public func log(_ name: String, _ value: Double) throws(TrainingError) {
        guard value.isFinite else {
            throw .notFinite(
                step: step, term: name, value: "\(value)", items: items, checkpoint: lastCheckpoint)
        }
        values[name] = value
    }

    private func optimizer(_ name: String) throws(TrainingError) -> ScheduledOptimizer {
        guard let entry = optimizers[name] else {
            throw .invalidArgument("no optimiser '\(name)', only \(optimizers.keys.sorted())")
        }
        return entry
    }
}
