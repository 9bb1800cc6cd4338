import Imaging
import Unmasking

/// Pictures that show what was recovered.
enum ComparisonPanel {
    /// Before and after, side by side with a white gap.
    static func make(before: Image, after: Image, gap: Int = 8) throws(ImagingError) -> Image {
        var panel = Image(width: before.width * 2 + gap, height: before.height, channels: 3, fill: 255)
        paste(before, into: &panel, x: 0)
        paste(after, into: &panel, x: before.width + gap)
        return panel
    }

    /// One aligned face: photo, predicted mask, recovered.
    static func face(_ face: Unmasker.Face) throws(ImagingError) -> Image {
        let size = face.crop.width
        var mask = FloatImage(width: size, height: size, channels: 3)
        for c in 0..<3 {
            for i in 0..<(size * size) { mask.data[c * size * size + i] = face.maskAlpha.data[i] }
        }
        let images = [try face.crop.image(), try mask.image(), try face.recovered.image()]
        var panel = Image(width: size * 3 + 16, height: size, channels: 3, fill: 255)
        for (index, image) in images.enumerated() { paste(image, into: &panel, x: index * (size + 8)) }
        return panel
    }

    private static func paste(_ image: Image, into panel: inout Image, x: Int) {
        let row = image.width * 3
        for y in 0..<image.height {
            let target = (y * panel.width + x) * 3
            panel.pixels.replaceSubrange(
                target..<(target + row), with: image.pixels[(y * row)..<((y + 1) * row)])
        }
    }
}
