import Imaging

/// What of a mask lies beyond the aligned crop, below the chin and beside the cheeks, and what is filled in there.
public struct MaskOverhang: Sendable {
    /// Photo pixels -> pixels of the wide crop.
    public let transform: AffineTransform2D
    /// What is blended in, 0…1, [1, s, s]: zero inside the aligned crop but for a rim under its fading border.
    public let matte: FloatImage
    /// The drawing of the wide look, blurred, in the colours of what surrounds the overhang, [3, s, s] in 0…1.
    public let drawn: FloatImage

    /// Width of the aligned crop's border in which it fades out into the overhang, in pixels of the 128-pixel crop.
    static let fade = 8.0

    /// Width of the blur that leaves skin of the wide look's drawing, in pixels of 128, and no lips where it drew some on a neck.
    static let blur = 6.0

    /// - Parameters:
    ///   - face: as finished, in its aligned crop.
    ///   - mask: 1 where the mask is in the aligned crop, [1, s, s].
    /// - Returns: nil when nothing of the mask lies beyond the aligned crop.
    init?(of face: Unmasker.Face, mask: FloatImage, look: WideLook, settings: Unmasker.Settings) throws {
        let size = mask.width
        let map = WideLook.transform(size: size)
        let scale = Double(size) / 128
        func moved(_ image: FloatImage) throws -> FloatImage {
            try image.warped(by: map, width: size, height: size, border: .constant(0))
        }
        let depth = try Self.depth(size: size, map: map)
        // The aligned crop knows best where the mask is inside of it.
        let inner = try moved(mask).thresholded(0.5)
        var hidden = look.drawing.alpha.thresholded(Float(settings.alphaThreshold))
        for i in hidden.data.indices where depth[i] >= 0 { hidden.data[i] = inner.data[i] }
        hidden = MaskOutline.whole(hidden, settings, zoom: WideLook.zoom).connected(to: inner)
        guard hidden.data.indices.contains(where: { depth[$0] < 0 && hidden.data[$0] > 0 }) else {
            return nil
        }

        let outline = MaskOutline(hidden, settings, zoom: WideLook.zoom)
        var matte = outline.matte()
        // Full where the aligned crop fades out, gone where it is opaque.
        let fade = Float(Self.fade * scale)
        for i in matte.data.indices { matte.data[i] *= min(1, max(0, 2 - depth[i] / fade)) }

        // Skin continues what was recovered inside the crop, not the mask that was there.
        let cover = try moved(face.matte)
        let surroundings = try moved(face.drawn).composited(over: look.aligned.crop, alpha: cover)
        var open = outline.wide.dilated(radius: scale)
        for i in open.data.indices where cover.data[i] >= 0.99 { open.data[i] = 0 }
        var drawn = look.drawing.drawn.blurred(sigma: Self.blur * scale)
        if settings.matchesColour {
            drawn = SeamColour.match(drawn, to: surroundings, hidden: open, certain: cover)
        }
        transform = look.aligned.transform
        self.matte = matte
        self.drawn = drawn.clamped()
    }

    /// How far every pixel of the wide crop lies inside the aligned one, in pixels of that; negative outside.
    private static func depth(size: Int, map: AffineTransform2D) throws -> [Float] {
        let back = try map.inverse()
        let last = Double(size - 1)
        return (0..<(size * size)).map { i in
            let p = back.apply(Point(Double(i % size), Double(i / size)))
            return Float(min(min(p.x, last - p.x), min(p.y, last - p.y)))
        }
    }
}
