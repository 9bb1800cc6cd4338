import Foundation
import Testing
import Torch

/// A file written by Tools/reference/metrics.py.
enum Fixtures {
    static func url(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: url(name)))
    }

    static func tensors(_ name: String) throws -> [String: Tensor] { try SafeTensors.read(url(name).path) }
}

func expectNear(
    _ actual: Double, _ expected: Double, _ tolerance: Double = 1e-9, _ name: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(
        abs(actual - expected) <= tolerance, "\(name): \(actual), expected \(expected)",
        sourceLocation: sourceLocation)
}

/// A reproducible generator for inputs whose values do not matter.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
    }
}
