import Foundation
import NN
import Testing
import Torch

/// The cases that Tools/reference/reid_losses.py stored.
struct LossReference {
    let tensors: [String: Tensor]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/losses.safetensors")
        tensors = try SafeTensors.read(file.path)
    }

    func tensor(_ key: String) throws -> Tensor { try #require(tensors[key], "\(key): not in the fixture") }

    /// Largest absolute difference over the largest absolute reference value; absolute where the reference is nothing but
    /// rounding (equal features leave differences of 1e-15 in place of 0).
    static func error(_ actual: Tensor, _ expected: Tensor) throws -> Double {
        guard actual.count == expected.count else { return .infinity }
        let scale = try expected.abs().amax().item()
        let difference = try (actual.detach().to(dtype: .float64).reshape(expected.shape) - expected).abs()
            .amax().item()
        return scale < 1e-9 ? difference : difference / scale
    }

    /// Expects a loss and its gradients, in float64 within 1e-9 and in float32 within `tolerance`.
    /// - Parameters:
    ///   - loss: makes the loss in a context, with the parameters that carry a reference gradient by their names in the
    ///     fixture.
    func expect(
        _ name: String, tolerance: Double = 1e-5,
        _ loss: (Context) throws -> (
            parameters: [String: Tensor], call: (Tensor, Tensor) throws(TorchError) -> Tensor
        ),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for (dtype, limit) in [(ScalarType.float64, 1e-9), (.float32, tolerance)] {
            let (parameters, call) = try loss(Context(dtype: dtype, seed: 1))
            for (key, parameter) in parameters {
                let value = try tensor("\(name)/\(key)")
                _ = try noGrad { () throws(TorchError) in try parameter.copy_(value) }
            }
            let features = try tensor("\(name)/features").to(dtype: dtype).clone().requiresGrad_()
            let value = try call(features, tensor("\(name)/labels"))
            #expect(value.shape == [], "\(name)", sourceLocation: sourceLocation)
            try value.backward()
            var results = [("loss", value), ("features.grad", try #require(try features.grad, "\(name)"))]
            for (key, parameter) in parameters {
                results.append(("\(key).grad", try #require(try parameter.grad, "\(name): \(key)")))
            }
            for (key, result) in results {
                #expect(result.dtype == dtype, "\(name)", sourceLocation: sourceLocation)
                let error = try Self.error(result, tensor("\(name)/\(key)"))
                #expect(
                    error <= limit, "\(name)/\(key) in \(dtype): relative error \(error)",
                    sourceLocation: sourceLocation)
            }
        }
    }
}
