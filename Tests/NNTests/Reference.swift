import Foundation
import NN
import Testing
import Torch

/// The values that Tools/reference/nn_layers.py stored.
enum Reference {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func tensors(_ file: String) throws -> [String: Tensor] {
        try SafeTensors.read(fixtures.appending(path: file).path)
    }

    static func json<Value: Decodable>(_ file: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: fixtures.appending(path: file)))
    }

    /// The weights of an output in the scalar whose gradients are stored: cos(0.7 i + 0.3).
    static func cotangent(_ shape: [Int]) throws -> Tensor {
        let count = shape.reduce(1, *)
        return try Tensor((0..<count).map { Float(cos(0.7 * Double($0) + 0.3)) }, shape: shape)
    }
}

/// Expects the reference's shape, and its values within `tolerance` of its largest one.
func expectParity(
    _ actual: Tensor?, _ expected: Tensor?, _ name: String, tolerance: Double = 1e-4,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let actual = try #require(actual, "\(name): no value", sourceLocation: sourceLocation)
    let expected = try #require(expected, "\(name): not in the fixture", sourceLocation: sourceLocation)
    #expect(actual.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
    let (given, wanted) = (try actual.detach().floats(), try expected.floats())
    guard given.count == wanted.count else { return }
    let scale = max(wanted.map(abs).max() ?? 0, 1e-12)
    let worst = Double(zip(given, wanted).map { abs($0 - $1) / scale }.max() ?? 0)
    #expect(worst <= tolerance, "\(name): relative error \(worst)", sourceLocation: sourceLocation)
}
