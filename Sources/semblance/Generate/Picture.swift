import Foundation
import Imaging
import Torch

/// Networks' images to files.
enum Picture {
    /// The first image of [batch, 3, h, w] in [-1, 1], clipped.
    static func image(_ x: Tensor) throws -> Image {
        let (height, width) = (x.size(2), x.size(3))
        let values = try (x[0] * 0.5 + 0.5).clamp(min: 0, max: 1).floats()
        return try FloatImage(width: width, height: height, channels: 3, data: values).image()
    }

    /// At most 256 pixels wide.
    static func thumbnail(_ image: Image) throws(ImagingError) -> Image {
        guard image.width > 256 else { return image }
        return try image.resized(width: 256, height: max(1, image.height * 256 / image.width))
    }
}
