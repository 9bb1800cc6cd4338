import Faces
import NN
import Torch

extension IRSE50 {
    /// Imports the face recogniser `model_ir_se50.pth`.
    /// - Throws: `ImportError` or `TorchError`.
    public static func imported(_ checkpoint: CheckpointFile, device: Device = .cpu) throws -> (
        model: IRSE50, report: ImportReport
    ) {
        let state = checkpoint.unwrapped()
        guard state.tensors["input_layer.0.weight"] != nil, state.tensors["output_layer.3.weight"] != nil
        else {
            throw ImportError.otherNetwork(
                path: checkpoint.path,
                expected:
                    "IR-SE50: keys such as input_layer.0.weight, body.0.res_layer.5.fc1.weight and output_layer.3.weight",
                found: state.outline)
        }
        let model = try IRSE50(in: Context(device: device, seed: 0))
        var ledger = KeyLedger(state, network: "ir-se50")
        ledger.assign(model, prefix: "")
        let report = try ledger.settle(details: ["input": "RGB in [-1, 1], 112x112", "dimension": "512"])
        try model.evaluate().requiresGrad_(false)
        return (model, report)
    }

    /// Writes the network, atomically.
    public func write(to path: String, dtype: ScalarType = .float32, metadata: [String: String] = [:])
        throws(TorchError)
    {
        var metadata = metadata
        metadata["format"] = Self.format
        try save(to: path, dtype: dtype, metadata: metadata)
    }
}
