import Testing
import Torch

/// Comparison with reference values.
enum Parity {
    /// Expects the largest difference to be at most `tolerance` times the largest expected value.
    static func expect(
        _ actual: Tensor?, _ expected: Tensor?, _ tolerance: Double, _ name: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let actual = try #require(actual, "\(name): no value", sourceLocation: sourceLocation)
        let expected = try #require(expected, "\(name): no reference", sourceLocation: sourceLocation)
        try #require(actual.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
        let size = try expected.detach().abs().amax().item()
        let worst = try (actual.detach() - expected.detach()).abs().amax().item()
        #expect(
            worst <= tolerance * size, "\(name): off by \(worst) at size \(size)",
            sourceLocation: sourceLocation)
    }
}
