import NN
import Torch

/// Everything a run changes while it trains, by name: what checkpoints hold.
public struct TrainingComponents {
    /// Networks that are trained (or whose buffers change).
    public var modules: [String: Module] = [:]
    public var optimizers: [String: ScheduledOptimizer] = [:]
    /// Weight averages; the loop updates them after each step.
    public var averages: [String: any WeightAverage] = [:]
    /// Every source of randomness that the steps draw from (those given to networks for dropout too).
    public var generators: [String: Generator] = [:]

    public init(
        modules: [String: Module] = [:], optimizers: [String: ScheduledOptimizer] = [:],
        averages: [String: any WeightAverage] = [:], generators: [String: Generator] = [:]
    ) {
        self.modules = modules
        self.optimizers = optimizers
        self.averages = averages
        self.generators = generators
    }

    /// Tensors by checkpoint key: "model/NAME/KEY", "ema/NAME/KEY", "optimizer/NAME/KEY", "generator/NAME". They are the
    /// components' own: write or clone them before the next step.
    public func tensors() throws(TorchError) -> [String: Tensor] {
        var all: [String: Tensor] = [:]
        for (name, module) in modules { all.merge(module.stateDictionary(prefix: "model/\(name)/")) { $1 } }
        for (name, average) in averages {
            all.merge(average.averagedModule.stateDictionary(prefix: "ema/\(name)/")) { $1 }
        }
        for (name, entry) in optimizers {
            for (key, tensor) in try entry.optimizer.stateDict() { all["optimizer/\(name)/\(key)"] = tensor }
        }
        for (name, generator) in generators { all["generator/\(name)"] = try generator.state() }
        return all
    }

    /// Sets every component from a checkpoint's tensors; nothing may be missing or left over.
    /// - Parameter source: the checkpoint's path, for errors.
    /// - Throws: `TrainingError.checkpoint` listing components that are missing or unknown, `TorchError.stateDict` for keys or
    ///   shapes that do not fit. The components are then in an undefined mixture: do not train on.
    public func load(_ tensors: [String: Tensor], source: String) throws {
        var parts: [String: [String: Tensor]] = [:]
        for (key, tensor) in tensors {
            let words = key.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count >= 2 else {
                throw TrainingError.checkpoint(path: source, reason: "unknown tensor '\(key)'")
            }
            parts["\(words[0])/\(words[1])", default: [:]][words.count > 2 ? String(words[2]) : ""] = tensor
        }
        let stateless = Set(optimizers.keys.map { "optimizer/\($0)" })
        let expected = Set(
            modules.keys.map { "model/\($0)" } + averages.keys.map { "ema/\($0)" }
                + generators.keys.map { "generator/\($0)" }
        ).union(stateless)
        // An optimiser that has not stepped yet has no tensors.
        let missing = expected.subtracting(stateless).subtracting(parts.keys).sorted()
        let unknown = Set(parts.keys).subtracting(expected).sorted()
        guard missing.isEmpty, unknown.isEmpty else {
            throw TrainingError.checkpoint(
                path: source,
                reason: "holds another kind of run: missing \(missing), unknown \(unknown)")
        }
        for (name, module) in modules {
            try module.load(parts["model/\(name)"] ?? [:], source: "\(source) (model/\(name))")
        }
        for (name, average) in averages {
            try average.averagedModule.load(parts["ema/\(name)"] ?? [:], source: "\(source) (ema/\(name))")
        }
        for (name, entry) in optimizers {
            try entry.optimizer.load(
                parts["optimizer/\(name)"] ?? [:], source: "\(source) (optimizer/\(name))")
        }
        for (name, generator) in generators {
            if let state = parts["generator/\(name)"]?[""] { try generator.setState(state) }
        }
    }
}
