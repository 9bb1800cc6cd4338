import Foundation
import Imaging
import Torch

/// Aligned face crops with their landmarks, in one file: what training reads.
///
/// A safetensors file: `images` uint8 [count, 3, size, size], `landmarks` float32 [count, 5, 2] in crop pixels; the names
/// are in the metadata.
public struct AlignedFaces: Sendable {
    /// Side of the crops in pixels.
    public let size: Int
    public let names: [String]
    /// [count, 3, size, size].
    public let pixels: [UInt8]
    public let landmarks: [FiveLandmarks]

    public var count: Int { names.count }

    public init(size: Int, names: [String], pixels: [UInt8], landmarks: [FiveLandmarks]) throws(FacesError) {
        guard names.count == landmarks.count, pixels.count == names.count * 3 * size * size else {
            throw .invalidArgument(
                "\(names.count) names, \(landmarks.count) landmark sets and \(pixels.count) pixel values do not belong together"
            )
        }
        self.size = size
        self.names = names
        self.pixels = pixels
        self.landmarks = landmarks
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
        let names = try SafeTensors.metadata(path)["names"].flatMap {
            try? JSONDecoder().decode([String].self, from: Data($0.utf8))
        }
        let values = try points.floats()
        let landmarks = try (0..<images.size(0)).map { index in
            try FiveLandmarks(
                (0..<5).map {
                    Point(Double(values[index * 10 + 2 * $0]), Double(values[index * 10 + 2 * $0 + 1]))
                })
        }
        try self.init(
            size: images.size(2), names: names ?? landmarks.indices.map { "\($0)" }, pixels: images.array(),
            landmarks: landmarks)
    }

    public func write(to path: String, metadata: [String: String] = [:]) throws {
        var metadata = metadata
        metadata["names"] = String(decoding: try JSONEncoder().encode(names), as: UTF8.self)
        let values = landmarks.flatMap { $0.points.flatMap { [Float($0.x), Float($0.y)] } }
        try SafeTensors.write(
            [
                "images": Tensor(pixels, shape: [count, 3, size, size]),
                "landmarks": Tensor(values: values, shape: [count, 5, 2]),
            ], to: path, metadata: metadata)
    }
}
