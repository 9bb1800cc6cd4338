import Torch

/// Something to be timed, together with all that its Python twin needs to do the same.
struct Workload {
    /// The network's parameters and buffers by their checkpoint keys.
    let weights: [String: Tensor]
    let inputs: [String: Tensor]
    /// What the first run gives, computed once before any timing.
    let outputs: [String: Tensor]
    /// What the twin cannot tell from the weights, as JSON.
    let configuration: String
    let run: () throws -> Void

    func write(to folder: String) throws {
        try SafeTensors.write(weights.mapValues { try $0.contiguous() }, to: "\(folder)/weights.safetensors")
        try SafeTensors.write(inputs.mapValues { try $0.contiguous() }, to: "\(folder)/inputs.safetensors")
        try SafeTensors.write(outputs.mapValues { try $0.contiguous() }, to: "\(folder)/outputs.safetensors")
        try configuration.write(toFile: "\(folder)/config.json", atomically: true, encoding: .utf8)
    }
}
