import Imaging

extension Image {
    /// The part within a box [x, y, width, height], which is first moved into the image.
    package func cut(_ box: [Int]) -> Image {
        let left = min(max(0, box[0]), width - 1)
        let top = min(max(0, box[1]), height - 1)
        let right = min(max(left + 1, box[0] + box[2]), width)
        let bottom = min(max(top + 1, box[1] + box[3]), height)
        return cropped(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// A small JPEG whose longer side has at most this many pixels.
    package func thumbnail(side: Int) throws(ImagingError) -> [UInt8] {
        let scale = min(1, Double(side) / Double(max(width, height)))
        return try resized(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded()))
        ).encodeJPEG(quality: 85)
    }
}
