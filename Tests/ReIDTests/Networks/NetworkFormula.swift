import Foundation
import NN
import Torch

/// Numbers made from a name, equal bit for bit to Tools/reference/formula.py and reid_networks.py, so that no weights need
/// to be committed.
enum NetworkFormula {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    /// Values in [-1, 1): splitmix64 of the name's FNV-1a hash plus the index, top 24 bits.
    static func uniform(_ name: String, _ shape: [Int]) throws(TorchError) -> Tensor {
        try Tensor(values: values(name, shape), shape: shape)
    }

    /// Values of a size that suits the key: means and biases around 0, other vectors around 1, weights by their inputs.
    static func weight(_ key: String, _ shape: [Int]) throws(TorchError) -> Tensor {
        let uniform = values(key, shape)
        let fanIn = shape.dropFirst().reduce(1, *)
        let scaled: [Float]
        if key.hasSuffix("bias") || key.hasSuffix("running_mean") {
            scaled = uniform.map { $0 * 0.2 }
        } else if shape.count == 1 || fanIn == 1 {
            scaled = uniform.map { 1 + $0 * 0.3 }
        } else {
            let scale = Float((6.0 / Double(fanIn)).squareRoot())
            scaled = uniform.map { $0 * scale }
        }
        return try Tensor(values: scaled, shape: shape)
    }

    /// Sets every parameter and running statistic by its key.
    static func fill(_ module: Module) throws {
        for (key, tensor) in module.stateDict() where !key.hasSuffix("num_batches_tracked") {
            let value = try weight(key, tensor.shape)
            try noGrad { () throws(TorchError) in _ = try tensor.copy_(value) }
        }
    }

    private static func values(_ name: String, _ shape: [Int]) -> [Float] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return (0..<shape.reduce(1, *)).map { index in
            var mixed = hash &+ (UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            mixed ^= mixed >> 31
            return Float(Double(mixed >> 40) / 8_388_608 - 1)
        }
    }
}
