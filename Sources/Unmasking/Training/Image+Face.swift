import Imaging
import Torch

extension Image {
    /// A network's picture, [3, height, width] in [-1, 1], clipped.
    init(face: Tensor) throws {
        let values = try (face * 0.5 + 0.5).clamp(min: 0, max: 1).floats()
        self = try FloatImage(width: face.size(2), height: face.size(1), channels: 3, data: values).image()
    }
}
