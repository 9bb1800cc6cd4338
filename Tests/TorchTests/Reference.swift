import Foundation
import Testing
import Torch

/// The values that Tools/reference/torch_ops.py stored.
enum Reference {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func path(_ file: String) -> String { fixtures.appending(path: file).path }

    static func operations() throws -> [String: Tensor] {
        try SafeTensors.read(path("operations.safetensors"))
    }

    /// The weights of a result in the scalar whose gradients are stored: cos(0.7 i + 0.3).
    static func cotangent(_ shape: [Int]) throws -> Tensor {
        let count = shape.reduce(1, *)
        return try Tensor((0..<count).map { Float(cos(0.7 * Double($0) + 0.3)) }, shape: shape)
    }
}

/// Expects the reference's shape and dtype, and its values within `tolerance` of its largest one.
func expectParity(
    _ actual: Tensor, _ expected: Tensor, _ name: String, tolerance: Double = 1e-4,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(actual.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
    #expect(actual.dtype == expected.dtype, "\(name)", sourceLocation: sourceLocation)
    let given = try actual.detach().to(dtype: .float64).array(Double.self)
    let wanted = try expected.to(dtype: .float64).array(Double.self)
    guard given.count == wanted.count else { return }
    let scale = max(wanted.filter(\.isFinite).map(abs).max() ?? 0, 1e-12)
    let worst = zip(given, wanted).map { $0 == $1 ? 0 : abs($0 - $1) / scale }.max() ?? 0
    #expect(worst <= tolerance, "\(name): relative error \(worst)", sourceLocation: sourceLocation)
}
