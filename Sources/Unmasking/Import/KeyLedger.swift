import NN
import Torch

/// Keeps the books of an import: which keys of a checkpoint went where, which were left out and why, and what does not fit. Only
/// when all keys are accounted for does `settle` give a report; otherwise it throws everything at once.
public struct KeyLedger {
    private let checkpoint: CheckpointFile
    private let network: String
    /// Keys that nobody has asked for yet.
    public private(set) var rest: [String: Tensor]
    private var missing: [String] = []
    private var misshaped: [String] = []
    private var leftOut: [ImportReport.LeftOut]
    private var taken: [Tensor] = []
    private var loads: [(module: Module, state: [String: Tensor])] = []

    /// - Parameter network: how errors call what is imported.
    public init(_ checkpoint: CheckpointFile, network: String) {
        self.checkpoint = checkpoint
        self.network = network
        rest = checkpoint.tensors
        leftOut = checkpoint.unread
    }

    /// Whether any key begins so.
    public func has(prefix: String) -> Bool { rest.keys.contains { $0.hasPrefix(prefix) } }

    /// The shape of a key that is still there.
    public func shape(_ key: String) -> [Int]? { rest[key]?.shape }

    /// Plans to load a module from the keys below a prefix, all of which it must know.
    public mutating func assign(_ module: Module, prefix: String) {
        var state: [String: Tensor] = [:]
        let own = module.stateDict()
        for (key, tensor) in own {
            guard let value = rest.removeValue(forKey: prefix + key) else {
                // A counter of batch normalisation that old files lack; it does not influence the output.
                if !key.hasSuffix("num_batches_tracked") { missing.append(prefix + key) }
                continue
            }
            if value.shape == tensor.shape {
                state[key] = value
                taken.append(value)
            } else {
                misshaped.append("\(prefix + key) \(value.shape), expected \(tensor.shape)")
            }
        }
        loads.append((module, state))
    }

    /// Takes one tensor; nil when it is absent, which is no mistake.
    public mutating func take(_ key: String) -> Tensor? {
        guard let value = rest.removeValue(forKey: key) else { return nil }
        taken.append(value)
        return value
    }

    /// Notes a tensor of the wrong shape.
    public mutating func refuse(_ key: String, _ shape: [Int], expected: String) {
        misshaped.append("\(key) \(shape), expected \(expected)")
    }

    /// Notes a key that has to be there.
    public mutating func lack(_ key: String) { missing.append(key) }

    /// Leaves out all keys below a prefix, if there are any.
    public mutating func leaveOut(prefix: String, reason: String) {
        let keys = rest.keys.filter { $0.hasPrefix(prefix) }
        guard !keys.isEmpty else { return }
        for key in keys { rest[key] = nil }
        let name = keys.count == 1 ? keys[0] : "\(prefix)*"
        leftOut.append(.init(keys: name, count: keys.count, reason: reason))
    }

    /// Loads the modules and gives the report.
    /// - Throws: `ImportError.doesNotFit` with everything that is wrong, or `TorchError.file` for values that are not finite.
    public mutating func settle(details: [String: String] = [:]) throws -> ImportReport {
        guard missing.isEmpty, misshaped.isEmpty, rest.isEmpty else {
            throw ImportError.doesNotFit(
                path: checkpoint.path, network: network, missing: missing.sorted(),
                misshaped: misshaped.sorted(), unknown: rest.keys.sorted())
        }
        for (module, state) in loads { try module.load(state, source: checkpoint.path) }
        return ImportReport(
            network: network, source: checkpoint.path, details: details,
            parameters: taken.reduce(0) { $0 + $1.count }, mapped: taken.count, leftOut: leftOut)
    }
}
