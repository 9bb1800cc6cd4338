import Foundation
import NN
import Torch

/// Everything that a training needs to go on: one safetensors file, replaced as a whole.
public enum UnmaskerCheckpoint {
    public static func write(_ networks: UnmaskerNetworks, step: Int, to path: String) throws {
        var tensors: [String: Tensor] = [:]
        func add(_ prefix: String, _ state: [String: Tensor]) {
            for (key, tensor) in state { tensors[prefix + key] = tensor }
        }
        add("model.", networks.model.stateDictionary())
        add("average.", networks.average.average.stateDictionary())
        add("discriminator.", networks.discriminator.stateDictionary())
        add("optimizer.encoder.", try networks.encoderOptimizer.stateDict())
        add("optimizer.generator.", try networks.generatorOptimizer.stateDict())
        add("optimizer.discriminator.", try networks.discriminatorOptimizer.stateDict())
        try SafeTensors.write(
            tensors, to: path, metadata: ["step": "\(step)", "format": "semblance-unmasker-checkpoint-1"])
    }

    /// Loads a checkpoint into networks of the same configuration; returns the steps done.
    public static func read(_ path: String, into networks: UnmaskerNetworks) throws -> Int {
        let tensors = try SafeTensors.read(path)
        guard let step = try SafeTensors.metadata(path)["step"].flatMap({ Int($0) }) else {
            throw UnmaskingError.model(
                path: path, reason: "not a training checkpoint: it does not say its step")
        }
        try networks.model.load(tensors, source: path, prefix: "model.")
        try networks.average.average.load(tensors, source: path, prefix: "average.")
        try networks.discriminator.load(tensors, source: path, prefix: "discriminator.")
        func part(_ prefix: String) -> [String: Tensor] {
            Dictionary(
                uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix) }
                    .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
        }
        try networks.encoderOptimizer.load(part("optimizer.encoder."), source: path)
        try networks.generatorOptimizer.load(part("optimizer.generator."), source: path)
        try networks.discriminatorOptimizer.load(part("optimizer.discriminator."), source: path)
        return step
    }
}
