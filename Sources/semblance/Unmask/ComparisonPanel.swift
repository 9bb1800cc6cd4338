import Imaging
import Unmasking

/// Pictures that show what was recovered.
enum ComparisonPanel {
    private static let style = {
        var style = Panel.Style()
        style.margin = 0
        return style
    }()

    /// Before and after, side by side with a white gap.
    static func make(before: Image, after: Image) throws(ImagingError) -> Image {
        try Panel.row([before, after], style: style)
    }

    /// One aligned face: photo, predicted mask, recovered.
    static func face(_ face: Unmasker.Face) throws(ImagingError) -> Image {
        try Panel.row(
            [face.crop.image(), face.maskAlpha.image(), face.recovered.image()], style: style)
    }
}
