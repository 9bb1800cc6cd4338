import NN
import Perceptual
import Torch

extension ImageClassifier.Architecture {
    /// The LPIPS that compares images in this network's features.
    public var trunk: LPIPSTrunk { self == .alexnet ? .alex : .vgg }
}

extension ImageClassifier {
    /// Imports torchvision's weights, features and classifier.
    /// - Throws: `ImportError` or `TorchError`.
    public static func imported(
        _ checkpoint: CheckpointFile, as architecture: Architecture, device: Device = .cpu
    ) throws -> (model: ImageClassifier, report: ImportReport) {
        let state = try Self.state(checkpoint, architecture)
        let classes = state.tensors["classifier.6.bias"]?.count ?? 1000
        let model = try ImageClassifier(
            architecture, classes: max(classes, 1), in: Context(device: device, seed: 0))
        var ledger = KeyLedger(state, network: architecture.rawValue)
        ledger.assign(model, prefix: "")
        let report = try ledger.settle(details: ["classes": "\(classes)"])
        try model.evaluate().requiresGrad_(false)
        return (model, report)
    }

    /// Imports the features alone, and makes LPIPS of them with the linear weights of the package `lpips`
    /// (`weights/v0.1/alex.pth` or `vgg.pth`, keys `linN.model.1.weight`).
    /// - Throws: `ImportError` or `TorchError`.
    public static func importedLPIPS(
        _ checkpoint: CheckpointFile, linear: CheckpointFile, as architecture: Architecture,
        device: Device = .cpu
    ) throws -> (model: LPIPS, report: ImportReport) {
        var state = try Self.state(checkpoint, architecture)
        for (key, tensor) in linear.unwrapped().tensors {
            guard key.hasPrefix("lin") else {
                throw ImportError.otherNetwork(
                    path: linear.path, expected: "linear weights of LPIPS (lin0.model.1.weight …)",
                    found: linear.outline)
            }
            // The package registers every layer twice.
            if !key.hasPrefix("lins.") { state.tensors[key] = tensor }
        }
        let model = try LPIPS(architecture.trunk, in: Context(device: device, seed: 0))
        var ledger = KeyLedger(state, network: "lpips-\(architecture.trunk.rawValue)")
        ledger.assign(model, prefix: "")
        ledger.leaveOut(prefix: "classifier.", reason: "the classifier; LPIPS compares features")
        return (model, try ledger.settle(details: ["trunk": architecture.trunk.rawValue]))
    }

    private static func state(_ checkpoint: CheckpointFile, _ architecture: Architecture) throws
        -> CheckpointFile
    {
        let state = checkpoint.unwrapped()
        guard state.tensors["features.0.weight"] != nil else {
            throw ImportError.otherNetwork(
                path: checkpoint.path,
                expected:
                    "torchvision's \(architecture.rawValue): keys features.0.weight … classifier.6.bias",
                found: state.outline)
        }
        return state
    }

    /// Writes the network, atomically.
    public func write(to path: String, dtype: ScalarType = .float32, metadata: [String: String] = [:])
        throws(TorchError)
    {
        var metadata = metadata
        metadata["format"] = architecture.format
        try save(to: path, dtype: dtype, metadata: metadata)
    }
}
