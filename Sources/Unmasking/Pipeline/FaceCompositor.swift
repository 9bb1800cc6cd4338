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

    /// Finishes a face and, if it is masked, blends it into its photo.
    public func blend(_ drawing: FaceDrawing, of aligned: Aligned, into photo: inout Image) throws
        -> Unmasker.Face
    {
        var face = finish(aligned.crop, drawing)
        face.detection = face.isMasked ? aligned.refined : aligned.detection
        face.transform = aligned.transform
        if face.isMasked {
            try PasteBack.blend(face.drawn, alpha: face.matte, into: &photo, transform: aligned.transform)
        }
        return face
    }

    /// Decides whether a face is masked, and puts what was drawn in the place of its mask.
    /// - Parameter crop: the aligned face, [3, s, s] in 0…1; the result's box and transform are the crop's own.
    public func finish(_ crop: FloatImage, _ drawing: FaceDrawing) -> Unmasker.Face {
        let (drawn, alpha) = (drawing.drawn, drawing.alpha)
        let plane = crop.width * crop.height
        let threshold = Float(settings.alphaThreshold)
        let covered = alpha.data.lazy.filter { $0 >= threshold }.count
        let share = Double(covered) / Double(plane)
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
        var hard = alpha
        for i in 0..<plane { hard.data[i] = alpha.data[i] >= threshold ? 1 : 0 }
        hard = hard.closed(radius: settings.closing * scale)
        let wide = hard.dilated(radius: settings.margin * scale)
        var matte = wide.blurred(sigma: settings.feather * scale)
        // All of the mask itself is replaced; the soft edge lies outside it. Rounding to nothing keeps far pixels untouched,
        // and the crop's border fades out.
        let fade = max(1, 3 * scale)
        for y in 0..<crop.height {
            for x in 0..<crop.width {
                let i = y * crop.width + x
                let border = Float(
                    min(Double(min(x, crop.width - 1 - x)), Double(min(y, crop.height - 1 - y))) / fade)
                let value = max(matte.data[i], hard.data[i])
                matte.data[i] = value < 0.02 ? 0 : value * min(1, border)
            }
        }
        let source =
            settings.matchesColour
            ? SeamColour.match(drawn, to: crop, hidden: wide.dilated(radius: scale)) : drawn
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
}
