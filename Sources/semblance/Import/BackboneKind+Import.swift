import NN
import ReID
import Torch
import Unmasking

extension BackboneKind {
    /// Imports the weights of a classification or re-identification network; its classifier is left out.
    /// - Throws: `ImportError` or `TorchError`.
    func imported(_ checkpoint: CheckpointFile) throws -> (model: PersonBackbone, report: ImportReport) {
        let state = checkpoint.unwrapped()
        let model = try make(in: Context(seed: 0))
        guard model.stateDict().contains(where: { state.tensors[$0.key] != nil }) else {
            throw ImportError.otherNetwork(
                path: checkpoint.path,
                expected: "\(rawValue): keys such as \(model.stateDict().first?.key ?? "")",
                found: state.outline)
        }
        var ledger = KeyLedger(state, network: rawValue)
        ledger.assign(model, prefix: "")
        for prefix in model.classifierPrefixes {
            ledger.leaveOut(
                prefix: prefix, reason: "the classifier, whose classes are not those of re-identification")
        }
        return (model, try ledger.settle(details: ["channels": "\(model.channels)"]))
    }
}
