import Faces
import Imaging

/// What the networks made of an aligned face.
public struct FaceDrawing: Sendable {
    /// The face without its mask as the generator drew it, [3, s, s] in 0…1.
    public var drawn: FloatImage
    /// The mask's alpha, [1, s, s].
    public var alpha: FloatImage
    /// Time that refinement took; nil without.
    public var refineMilliseconds: Double?

    public init(drawn: FloatImage, alpha: FloatImage, refineMilliseconds: Double? = nil) {
        self.drawn = drawn
        self.alpha = alpha
        self.refineMilliseconds = refineMilliseconds
    }
}

/// The part of unmasking that needs no network: cuts faces out, and blends what was drawn back into the photo.
///
/// It may be used on any thread, while the networks belong to one.
public struct FaceCompositor: Sendable {
    /// Side of the aligned faces in pixels.
    public let size: Int
    public let settings: Unmasker.Settings
    private let template: AlignmentTemplate

    public init(size: Int, settings: Unmasker.Settings = .init()) {
        self.size = size
        self.settings = settings
        template = size == 128 ? .face128 : AlignmentTemplate.face128.scaled(to: size)
    }

    /// A face cut out of its photo.
    public struct Aligned: Sendable {
        /// As the detector saw it.
        public var detection: DetectedFace
        /// With the landmarks that the crop was made by.
        public var refined: DetectedFace
        /// Photo pixels -> crop pixels.
        public var transform: AffineTransform2D
        /// [3, s, s] in 0…1.
        public var crop: FloatImage
    }

    /// - Parameters:
    ///   - photo: RGB.
    ///   - refined: the same face with better landmarks, by which it is then cut out.
    /// - Returns: nil when the landmarks coincide.
    public func align(_ photo: Image, _ detection: DetectedFace, refined: DetectedFace? = nil) throws
        -> Aligned?
    {
        let refined = refined ?? detection
        guard let transform = try? template.transform(from: refined.landmarks) else { return nil }
        let crop = try photo.warped(by: transform, width: size, height: size, border: .reflect)
        return Aligned(
            detection: detection, refined: refined, transform: transform, crop: FloatImage(crop))
    }

    /// A crop with more around a face, for the networks to look at once more; see `WideLook`.
    /// - Returns: nil unless the face is masked and its mask reaches the aligned crop's border.
    public func widened(_ aligned: Aligned, _ drawing: FaceDrawing, in photo: Image) throws -> Aligned? {
        guard settings.looksWider, share(drawing.alpha) >= settings.minimumMaskShare,
            reachesBorder(drawing.alpha)
        else { return nil }
        var wide = aligned
        wide.transform = aligned.transform.concatenating(WideLook.transform(size: size))
        wide.crop = FloatImage(
            try photo.warped(by: wide.transform, width: size, height: size, border: .reflect))
        return wide
    }

    /// Finishes a face and, if it is masked, blends it into its photo.
    /// - Parameter look: the crop that `widened` gave, and what the networks made of it.
    public func blend(
        _ drawing: FaceDrawing, of aligned: Aligned, look: WideLook? = nil, into photo: inout Image
    ) throws -> Unmasker.Face {
        let completed = try look?.completed(drawing.alpha, threshold: Float(settings.alphaThreshold))
        var drawing = drawing
        if let completed { drawing.alpha = completed }
        var face = finish(aligned.crop, drawing)
        face.detection = face.isMasked ? aligned.refined : aligned.detection
        face.transform = aligned.transform
        guard face.isMasked else { return face }
        let scale = Double(size) / 128
        if let look, completed != nil {
            face.overhang = try MaskOverhang(
                of: face, mask: hard(drawing.alpha), look: look, settings: settings)
        }
        // The overhang lies below, so that the aligned crop fades out into it.
        if let overhang = face.overhang {
            let (narrow, wide) = (max(1, Self.fade * scale), max(1, MaskOverhang.fade * scale))
            for i in face.matte.data.indices {
                let depth = face.matte.distanceFromBorder(i)
                if depth > 0, depth < wide {
                    face.matte.data[i] *= Float(depth / wide / min(1, depth / narrow))
                }
            }
            try PasteBack.blend(
                overhang.drawn, alpha: overhang.matte, into: &photo, transform: overhang.transform)
        }
        try PasteBack.blend(face.drawn, alpha: face.matte, into: &photo, transform: aligned.transform)
        return face
    }

    /// Decides whether a face is masked, and puts what was drawn in the place of its mask.
    /// - Parameter crop: the aligned face, [3, s, s] in 0…1; the result's box and transform are the crop's own.
    public func finish(_ crop: FloatImage, _ drawing: FaceDrawing) -> Unmasker.Face {
        let (drawn, alpha) = (drawing.drawn, drawing.alpha)
        let plane = crop.width * crop.height
        let share = share(alpha)
        var face = Unmasker.Face(
            detection: DetectedFace(
                box: Rect(x: 0, y: 0, width: Double(crop.width), height: Double(crop.height)), score: 1,
                landmarks: template.landmarks),
            transform: .identity, isMasked: share >= settings.minimumMaskShare, maskShare: share, crop: crop,
            maskAlpha: alpha, matte: FloatImage(width: crop.width, height: crop.height, channels: 1),
            recovered: crop, drawn: drawn, milliseconds: 0,
            refineMilliseconds: drawing.refineMilliseconds)
        guard face.isMasked else { return face }
        let scale = Double(crop.width) / 128
        let hard = hard(alpha)
        let wide = hard.dilated(radius: settings.margin * scale)
        let matte = Self.softened(wide, around: hard, feather: settings.feather * scale)
        let source =
            settings.matchesColour
            ? SeamColour.match(
                SkinTone.match(drawn, hidden: wide.blurred(sigma: 3 * scale)), to: crop,
                hidden: wide.dilated(radius: scale)) : drawn
        for c in 0..<3 {
            for i in 0..<plane {
                let a = matte.data[i]
                let value = source.data[c * plane + i]
                face.recovered.data[c * plane + i] = min(
                    1, max(0, value * a + crop.data[c * plane + i] * (1 - a)))
            }
        }
        face.matte = matte
        // What is blended into the photo is the full drawing; the matte does the mixing there.
        var colours = source
        for i in colours.data.indices { colours.data[i] = min(1, max(0, colours.data[i])) }
        face.drawn = colours
        return face
    }

    /// Width of the crop's border in which it fades out, in pixels of the 128-pixel crop.
    static let fade = 3.0

    /// A matte with a soft edge.
    ///
    /// All of the mask itself is replaced; the soft edge lies outside it. Rounding to nothing keeps far pixels untouched, and the
    /// crop's border fades out.
    /// - Parameters:
    ///   - wide: the mask with a margin around it, 0 or 1.
    ///   - mask: 0 or 1.
    ///   - feather: width of the edge in pixels.
    static func softened(_ wide: FloatImage, around mask: FloatImage, feather: Double) -> FloatImage {
        var matte = wide.blurred(sigma: feather)
        let fade = max(1, fade * Double(mask.width) / 128)
        for i in matte.data.indices {
            let border = Float(min(fade, matte.distanceFromBorder(i)) / fade)
            let value = max(matte.data[i], mask.data[i])
            matte.data[i] = value < 0.02 ? 0 : value * border
        }
        return matte
    }

    /// Share of the crop that the mask covers.
    private func share(_ alpha: FloatImage) -> Double {
        let threshold = Float(settings.alphaThreshold)
        return Double(alpha.data.lazy.filter { $0 >= threshold }.count) / Double(alpha.data.count)
    }

    private func reachesBorder(_ alpha: FloatImage) -> Bool {
        let fade = Self.fade * Double(size) / 128
        let threshold = Float(settings.alphaThreshold)
        return alpha.data.indices.contains {
            alpha.data[$0] >= threshold && alpha.distanceFromBorder($0) < fade
        }
    }

    /// 1 where the mask is, its narrow gaps and its holes included.
    private func hard(_ alpha: FloatImage) -> FloatImage {
        alpha.thresholded(Float(settings.alphaThreshold))
            .closed(radius: settings.closing * Double(alpha.width) / 128).filled()
    }
}

extension FloatImage {
    /// Of pixel `i` in its row-major plane: 0 in the outermost row or column.
    fileprivate func distanceFromBorder(_ i: Int) -> Double {
        let (x, y) = (i % width, i / width)
        return Double(min(min(x, width - 1 - x), min(y, height - 1 - y)))
    }
}
