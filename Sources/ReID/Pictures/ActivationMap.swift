import Imaging
import NN
import Torch

/// Heat over a photo: where a network looks.
///
/// The values can be the length of the last feature map's vectors, which is cheap, or an `OcclusionMap`, which measures what the name
/// says: places of the last map see the whole picture, and a network can keep there what it found elsewhere.
public struct ActivationMap {
    /// How much heat covers the photo, 0...1.
    public var strength: Float = 0.55

    public init() {}

    /// - Parameter map: [N, C, h, w].
    /// - Returns: [N, h, w], the Euclidean norm over the channels, scaled to 0...1 within each image; a map without
    ///   differences is 0.
    /// - Throws: `ReIDError.invalidArgument` for another rank, `TorchError`.
    public static func values(_ map: Tensor) throws -> Tensor {
        guard map.rank == 4 else {
            throw ReIDError.invalidArgument("feature map of shape \(map.shape), expected [N, C, h, w]")
        }
        return try noGrad { () throws(TorchError) in
            let norm = try map.detach().to(dtype: .float32).norm([1])  // [N, h, w]
            let low = try norm.amin([1, 2], keepdim: true)
            let span = try norm.amax([1, 2], keepdim: true) - low
            return try (norm - low) / span.clamp(min: 1e-12)
        }
    }

    /// - Parameters:
    ///   - values: [h, w], 0...1.
    ///   - photo: of any size; the heat is enlarged to it.
    /// - Returns: the photo with heat, 3 channels.
    public func overlay(_ values: Tensor, on photo: Image) throws -> Image {
        guard values.rank == 2 else {
            throw ReIDError.invalidArgument("activation map of shape \(values.shape), expected [h, w]")
        }
        let small = try FloatImage(
            width: values.size(1), height: values.size(0), channels: 1, data: values.floats())
        let heat = try small.resized(width: photo.width, height: photo.height, filter: .bicubic)
        var out = FloatImage(photo.rgb())
        let plane = out.width * out.height
        for index in 0..<plane {
            let colour = Self.colour(heat.data[index])
            for channel in 0..<3 {
                let at = channel * plane + index
                out.data[at] += (colour[channel] - out.data[at]) * strength
            }
        }
        return try out.image()
    }

    /// From blue through green and yellow to red; 0...1, clipped.
    private static func colour(_ value: Float) -> SIMD3<Float> {
        let stops: [SIMD3<Float>] = [
            [0.19, 0.07, 0.48], [0.10, 0.45, 0.92], [0.10, 0.82, 0.65], [0.98, 0.85, 0.20],
            [0.80, 0.10, 0.05],
        ]
        let place = min(max(value, 0), 1) * Float(stops.count - 1)
        let index = min(Int(place), stops.count - 2)
        let share = place - Float(index)
        return stops[index] + (stops[index + 1] - stops[index]) * share
    }
}
