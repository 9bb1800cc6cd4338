import Foundation
import Imaging
import Torch

/// Aligned face crops with their landmarks, in one file: what training reads.
///
/// A safetensors file: `images` uint8 [count, 3, size, size], `landmarks` float32 [count, 5, 2] in crop pixels, and maybe `meshes`
/// float32 [count, 468, 2], NaN for faces whose mesh was not found; the names are in the metadata.
public struct AlignedFaces: Sendable {
    /// Side of the crops in pixels.
    public let size: Int
    public let names: [String]
    /// [count, 3, size, size].
    public let pixels: [UInt8]
    public let landmarks: [FiveLandmarks]
    /// x and y of the 468 points of each face's mesh, [count, 468, 2] in crop pixels; empty where none were made.
    public let meshes: [Float]

    public var count: Int { names.count }

    public init(
        size: Int, names: [String], pixels: [UInt8], landmarks: [FiveLandmarks], meshes: [Float] = []
    ) throws(FacesError) {
        guard names.count == landmarks.count, pixels.count == names.count * 3 * size * size,
            meshes.isEmpty || meshes.count == names.count * Self.meshStride
        else {
            throw .invalidArgument(
                "\(names.count) names, \(landmarks.count) landmark sets, \(pixels.count) pixel values and \(meshes.count) mesh coordinates do not belong together"
            )
        }
        self.meshes = meshes
        self.size = size
        self.names = names
        self.pixels = pixels
        self.landmarks = landmarks
    }

    private static let meshStride = 2 * FaceLandmarks468.count

    /// The mesh of one face in crop pixels; nil where none was found.
    public func mesh(_ index: Int) -> FaceLandmarks468? {
        guard !meshes.isEmpty else { return nil }
        let start = index * Self.meshStride
        let points = (0..<FaceLandmarks468.count).map {
            Point(Double(meshes[start + 2 * $0]), Double(meshes[start + 2 * $0 + 1]))
        }
        return try? FaceLandmarks468(points)
    }

    /// One face, values 0…1.
    public func image(_ index: Int) -> FloatImage {
        let stride = 3 * size * size
        var image = FloatImage(width: size, height: size, channels: 3)
        image.data.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                for i in 0..<stride { target[i] = Float(source[index * stride + i]) * (1 / 255) }
            }
        }
        return image
    }

    public init(contentsOf path: String) throws {
        let tensors = try SafeTensors.read(path)
        guard let images = tensors["images"], let points = tensors["landmarks"], images.rank == 4,
            images.dtype == .uint8, points.shape == [images.size(0), 5, 2], images.size(2) == images.size(3)
        else {
            throw FacesError.invalidArgument(
                "\(path): expected tensors 'images' (uint8 [count, 3, s, s]) and 'landmarks' ([count, 5, 2]); make it with 'semblance prepare'"
            )
        }
        let meshes = tensors["meshes"]
        guard meshes == nil || meshes?.shape == [images.size(0), FaceLandmarks468.count, 2] else {
            throw FacesError.invalidArgument(
                "\(path): tensor 'meshes' \(meshes?.shape ?? []): expected [\(images.size(0)), \(FaceLandmarks468.count), 2]"
            )
        }
        let names = try SafeTensors.metadata(path)["names"].flatMap {
            try? JSONDecoder().decode([String].self, from: Data($0.utf8))
        }
        let landmarks = try FiveLandmarks.rows(points.floats())
        try self.init(
            size: images.size(2), names: names ?? landmarks.indices.map { "\($0)" }, pixels: images.array(),
            landmarks: landmarks, meshes: meshes?.floats() ?? [])
    }

    public func write(to path: String, metadata: [String: String] = [:]) throws {
        var metadata = metadata
        metadata["names"] = String(decoding: try JSONEncoder().encode(names), as: UTF8.self)
        let values = landmarks.flatMap(\.values)
        var tensors = [
            "images": try Tensor(pixels, shape: [count, 3, size, size]),
            "landmarks": try Tensor(values: values, shape: [count, 5, 2]),
        ]
        if !meshes.isEmpty {
            tensors["meshes"] = try Tensor(values: meshes, shape: [count, FaceLandmarks468.count, 2])
        }
        try SafeTensors.write(tensors, to: path, metadata: metadata)
    }
}
