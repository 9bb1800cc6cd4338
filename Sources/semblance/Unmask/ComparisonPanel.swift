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

    /// One face as it was, and recovered, upright and with what surrounds it.
    static func beforeAndAfter(_ face: Unmasker.Face, before: Image, after: Image) throws(ImagingError)
        -> Image
    {
        var style = style
        style.gap = 2
        let size = face.crop.width
        let place = face.transform.concatenating(WideLook.transform(size: size))
        return try Panel.row(
            [
                before.warped(by: place, width: size, height: size),
                after.warped(by: place, width: size, height: size),
            ], style: style)
    }
}
