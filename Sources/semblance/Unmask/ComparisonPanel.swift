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

    /// One aligned face as it was, and with its hidden part filled in.
    static func beforeAndAfter(_ face: Unmasker.Face) throws(ImagingError) -> Image {
        var style = style
        style.gap = 2
        return try Panel.row([face.crop.image(), face.recovered.image()], style: style)
    }
}
