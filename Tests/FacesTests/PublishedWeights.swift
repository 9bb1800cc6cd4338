import Foundation
import Imaging
import Resources
import Testing
import Torch

/// Weights that `Scripts/setup --all` installs; tests of published networks need them.
enum PublishedWeights {
    static let hint: Comment = "needs converted weights: run Scripts/setup --all"

    static func path(_ name: String) -> String? { try? ResourceLocator.standard.weights(name) }
    static func has(_ names: String...) -> Bool { names.allSatisfy { path($0) != nil } }
}

/// Values of Tools/reference/faces.py and the photo they belong to.
enum FaceFixture {
    static func image() throws -> Image { try Image.read(fixture("faces.png")) }

    static func tensors() throws -> [String: Tensor] { try SafeTensors.read(fixture("faces.safetensors")) }

    static func tensor(_ name: String) throws -> Tensor { try #require(tensors()[name], "no \(name)") }

    /// Rows of a [n, 2] tensor.
    static func points(_ name: String) throws -> [Point] {
        let values = try tensor(name).floats()
        return stride(from: 0, to: values.count, by: 2).map {
            Point(Double(values[$0]), Double(values[$0 + 1]))
        }
    }

    /// An interleaved uint8 tensor [h, w, 3].
    static func image(_ name: String) throws -> Image {
        let tensor = try tensor(name)
        return try Image(
            width: tensor.size(1), height: tensor.size(0), channels: 3, pixels: tensor.array(UInt8.self))
    }

    /// OpenCV's rows: box, five points, score.
    static func detections() throws -> [[Double]] {
        let tensor = try tensor("detections")
        let values = try tensor.floats().map(Double.init)
        return (0..<tensor.size(0)).map { Array(values[15 * $0..<15 * ($0 + 1)]) }
    }
}

func cosine(_ a: Tensor, _ b: Tensor) throws -> Double {
    try (a.l2Normalised(dim: 1) * b.l2Normalised(dim: 1)).sum().item()
}
