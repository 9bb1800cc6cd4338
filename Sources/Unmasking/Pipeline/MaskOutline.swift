import Imaging

/// Where a mask is in a crop, and how its replacement meets what is visible around it.
struct MaskOutline {
    /// Width of the crop's border in which it fades out, in pixels of the 128-pixel crop.
    static let fade = 3.0

    /// 1 where the mask is, its narrow gaps and its holes included, [1, s, s].
    let mask: FloatImage
    /// The same with a margin around it.
    let wide: FloatImage
    /// Width of the soft edge in pixels.
    private let feather: Double

    /// - Parameters:
    ///   - mask: as `whole` makes it, [1, s, s].
    ///   - zoom: scale of the face relative to the aligned crop.
    init(_ mask: FloatImage, _ settings: Unmasker.Settings, zoom: Double = 1) {
        let scale = Double(mask.width) / 128
        self.mask = mask
        wide = mask.dilated(radius: settings.margin * scale * zoom)
        feather = settings.feather * scale * zoom
    }

    /// - Parameter found: 1 where the mask was seen, [1, s, s].
    static func whole(_ found: FloatImage, _ settings: Unmasker.Settings, zoom: Double = 1) -> FloatImage {
        found.closed(radius: settings.closing * Double(found.width) / 128 * zoom).filled()
    }

    /// A matte with a soft edge.
    ///
    /// All of the mask itself is replaced; the soft edge lies outside it. Rounding to nothing keeps far pixels untouched, and the
    /// crop's border fades out.
    /// - Parameter fade: width of that border, in pixels of the 128-pixel crop.
    func matte(fade: Double = fade) -> FloatImage {
        var matte = wide.blurred(sigma: feather)
        let fade = max(1, fade * Double(mask.width) / 128)
        for i in matte.data.indices {
            let border = Float(min(fade, matte.distanceFromBorder(i)) / fade)
            let value = max(matte.data[i], mask.data[i])
            matte.data[i] = value < 0.02 ? 0 : value * border
        }
        return matte
    }
}

extension FloatImage {
    /// Of pixel `i` in its row-major plane: 0 in the outermost row or column.
    func distanceFromBorder(_ i: Int) -> Double {
        let (x, y) = (i % width, i / width)
        return Double(min(min(x, width - 1 - x), min(y, height - 1 - y)))
    }
}
