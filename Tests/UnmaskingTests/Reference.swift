import Foundation
import NN
import Testing
import Torch

/// Numbers that the reference script computes too, from a name and an index.
enum Reference {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    /// Uniform numbers of mean 0 and variance 1: SplitMix64 of FNV-1a(name) + index.
    static func hashed(_ name: String, _ shape: [Int]) throws(TorchError) -> Tensor {
        var seed: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let root = 3.0.squareRoot()
        let values = (0..<shape.reduce(1, *)).map { index -> Float in
            var z = seed &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            return Float((2 * (Double(z >> 40) / Double(1 << 24)) - 1) * root)
        }
        return try Tensor(values: values, shape: shape)
    }

    /// Values of a sensible size for the role that the key's name tells.
    static func parameter(_ key: String, _ shape: [Int]) throws(TorchError) -> Tensor {
        let x = try hashed(key, shape)
        if key.hasPrefix("style."), key.hasSuffix("weight") { return try x * 100 }
        if key.hasPrefix("style.") { return try x * 10 }
        if key.hasSuffix("noise.weight") { return try x * 0.25 }
        if key.hasSuffix("modulation.bias") { return try x * 0.125 + 1 }
        if key.hasSuffix("bias") { return try x * 0.125 }
        return x
    }

    /// Sets every parameter and noise buffer by its key; FIR kernels stay as they are.
    static func fill(_ module: Module) throws {
        try noGrad { () throws(TorchError) in
            for (key, tensor) in module.stateDict() where !key.hasSuffix("kernel") {
                try tensor.copy_(parameter(key, tensor.shape))
            }
        }
    }

    static func read(_ file: String) throws -> [String: Tensor] {
        try SafeTensors.read(fixtures.appending(path: file).path)
    }
}

/// Largest absolute difference over the largest absolute reference value.
func relativeError(_ actual: Tensor, _ expected: Tensor) throws -> Double {
    guard actual.shape == expected.shape else { return .infinity }
    let scale = try expected.abs().amax().item()
    let difference = try (actual.detach() - expected).abs().amax().item()
    return difference / max(scale, 1e-12)
}

/// Expects parity with a reference tensor.
func expectParity(
    _ actual: Tensor?, _ expected: Tensor?, _ name: String, tolerance: Double = 1e-4,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let actual = try #require(actual, "\(name): no value", sourceLocation: sourceLocation)
    let expected = try #require(expected, "\(name): not in the fixture", sourceLocation: sourceLocation)
    let error = try relativeError(actual, expected)
    if ProcessInfo.processInfo.environment["PARITY_REPORT"] != nil { print("parity", name, error) }
    #expect(error <= tolerance, "\(name): relative error \(error)", sourceLocation: sourceLocation)
}
