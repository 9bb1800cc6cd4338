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
        return Aligned(
            detection: detection, refined: refined, transform: transform, crop: try cut(photo, by: transform))
    }

    private func cut(_ photo: Image, by transform: AffineTransform2D) throws -> FloatImage {
        FloatImage(try photo.warped(by: transform, width: size, height: size, border: .reflect))
    }

    /// A crop with more around a face, for the networks to look at once more; see `WideLook`.
    /// - Returns: nil unless the face is masked and its mask reaches the aligned crop's border.
    public func widened(_ aligned: Aligned, _ drawing: FaceDrawing, in photo: Image) throws -> Aligned? {
        guard settings.looksWider, isMasked(drawing.alpha),
            reachesBorder(drawing.alpha)
        else { return nil }
        var wide = aligned
        wide.transform = aligned.transform.concatenating(WideLook.transform(size: size))
        wide.crop = try cut(photo, by: wide.transform)
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
        let outline = outline(of: drawing.alpha)
        var face = finish(aligned.crop, drawing, outline)
        face.detection = face.isMasked ? aligned.refined : aligned.detection
        face.transform = aligned.transform
        guard let outline else { return face }
        if let look, completed != nil {
            face.overhang = try MaskOverhang(
                of: face, mask: outline.mask, look: look, settings: settings)
        }
        // The overhang lies below, so that the aligned crop fades out into it.
        if let overhang = face.overhang {
            face.matte = outline.matte(fade: MaskOverhang.fade)
            try PasteBack.blend(
                overhang.drawn, alpha: overhang.matte, into: &photo, transform: overhang.transform)
        }
        try PasteBack.blend(face.drawn, alpha: face.matte, into: &photo, transform: aligned.transform)
        return face
    }

    /// Decides whether a face is masked, and puts what was drawn in the place of its mask.
    /// - Parameter crop: the aligned face, [3, s, s] in 0…1; the result's box and transform are the crop's own.
    public func finish(_ crop: FloatImage, _ drawing: FaceDrawing) -> Unmasker.Face {
        finish(crop, drawing, outline(of: drawing.alpha))
    }

    /// - Parameter outline: nil leaves the face as it is, without a mask.
    private func finish(_ crop: FloatImage, _ drawing: FaceDrawing, _ outline: MaskOutline?) -> Unmasker.Face
    {
        let (drawn, alpha) = (drawing.drawn, drawing.alpha)
        let plane = crop.width * crop.height
        var face = Unmasker.Face(
            detection: DetectedFace(
                box: Rect(x: 0, y: 0, width: Double(crop.width), height: Double(crop.height)), score: 1,
                landmarks: template.landmarks),
            transform: .identity, isMasked: outline != nil, maskShare: share(alpha), crop: crop,
            maskAlpha: alpha, matte: FloatImage(width: crop.width, height: crop.height, channels: 1),
            recovered: crop, drawn: drawn, milliseconds: 0,
            refineMilliseconds: drawing.refineMilliseconds)
        guard let outline else { return face }
        let scale = Double(crop.width) / 128
        let matte = outline.matte()
        let source =
            settings.matchesColour
            ? SeamColour.match(
                SkinTone.match(drawn, hidden: outline.wide.blurred(sigma: 3 * scale)), to: crop,
                hidden: outline.wide.dilated(radius: scale)) : drawn
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
        face.drawn = source.clamped()
        return face
    }

    /// Share of the crop that the mask covers.
    private func share(_ alpha: FloatImage) -> Double {
        let threshold = Float(settings.alphaThreshold)
        return Double(alpha.data.lazy.filter { $0 >= threshold }.count) / Double(alpha.data.count)
    }

    private func isMasked(_ alpha: FloatImage) -> Bool { share(alpha) >= settings.minimumMaskShare }

    private func reachesBorder(_ alpha: FloatImage) -> Bool {
        let fade = MaskOutline.fade * Double(size) / 128
        let threshold = Float(settings.alphaThreshold)
        return alpha.data.indices.contains {
            alpha.data[$0] >= threshold && alpha.distanceFromBorder($0) < fade
        }
    }

    /// nil where too little of the crop is covered for a mask.
    private func outline(of alpha: FloatImage) -> MaskOutline? {
        guard isMasked(alpha) else { return nil }
        let found = alpha.thresholded(Float(settings.alphaThreshold))
        return MaskOutline(MaskOutline.whole(found, settings), settings)
    }
}
