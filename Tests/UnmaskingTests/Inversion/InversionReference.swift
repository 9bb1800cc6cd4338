import Faces
import Foundation
import NN
import Testing
import Torch
import Unmasking

/// The Swift twin of `parameter` in Tools/reference/inversion.py.
enum InversionReference {
    static func parameter(_ key: String, _ shape: [Int]) throws(TorchError) -> Tensor {
        let decoder = "decoder."
        if key.hasPrefix(decoder) {
            let name = String(key.dropFirst(decoder.count))
            return try Reference.parameter(name, shape)
        }
        let x = try Reference.hashed(key, shape)
        if key == "latent_avg" || key.hasSuffix("linear.weight") { return x }
        if key.hasSuffix("num_batches_tracked") { return try x * 0 }
        if key.hasSuffix("running_var") { return try x * 0.25 + 1 }
        if key.hasSuffix("running_mean") || key.hasSuffix("bias") { return try x * 0.125 }
        if shape.count >= 2 { return try x / Double(shape.dropFirst().reduce(1, *)).squareRoot() }
        if key.hasSuffix("layer.2.weight") { return try x * 0.0625 + 0.25 }
        return try x * 0.125 + 1
    }

    /// Sets every tensor by its key; FIR kernels stay as they are.
    static func fill(_ module: Module, prefix: String = "") throws {
        try noGrad { () throws(TorchError) in
            for (key, tensor) in module.stateDict() where !key.hasSuffix("kernel") {
                try tensor.copy_(parameter(prefix + key, tensor.shape))
            }
        }
        module.evaluate()
    }

    static func keys(_ name: String) throws -> [String: [Int]]? {
        let data = try Data(contentsOf: Reference.fixtures.appending(path: "inversion-keys.json"))
        return try JSONDecoder().decode([String: [String: [Int]]].self, from: data)[name]
    }

    static let narrowTrunk = IRTrunkConfiguration(
        stemChannels: 6, stageChannels: [6, 8, 12, 16], stageBlocks: [2, 1, 2, 1], reduction: 2)

    static let narrow = StylePyramidConfiguration(
        trunk: narrowTrunk, inputSize: 64, styleCount: 10, styleDimension: 16)

    static let generator = GeneratorConfiguration(
        size: 64, channels: [4: 12, 8: 10, 16: 8, 32: 6, 64: 4], styleDimension: 16, mappingDepth: 3)

    static func model(_ method: InversionConfiguration.Method) throws -> InversionModel {
        let model = try InversionModel(
            InversionConfiguration(method: method, encoder: narrow, generator: generator),
            in: Context(seed: 1))
        try fill(model)
        try model.adoptMeanLatent()
        return model
    }

    /// Every third pixel, as the fixture keeps gradients and images.
    static func sparse(_ x: Tensor?) throws -> Tensor? {
        try x?.slice(dim: 2, from: 1, step: 3).slice(dim: 3, from: 2, step: 3)
    }
}
