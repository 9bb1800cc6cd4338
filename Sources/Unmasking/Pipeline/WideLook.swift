import Faces
import Imaging

/// A second look of the networks at a masked face, from farther away.
///
/// The aligned crop ends where the training photos end, close below the mouth, and many masks do not. Seen smaller, in a crop that shows more
/// around it, the same face is drawn too coarsely to be used, but the networks still see the mask: where it goes on beyond the aligned
/// crop, and now and then a part of it inside that they missed at first.
public struct WideLook: Sendable {
    /// Scale of the wide crop relative to the aligned one.
    static let zoom = 0.75
    /// Height of the eyes in the wide crop relative to that in the aligned one: more is to be seen below a face than above.
    static let eyeShare = 0.87
    /// Share of the mask in the aligned crop that must be seen again for the look to be believed.
    static let agreement = 0.6

    /// The wide crop.
    public let aligned: FaceCompositor.Aligned
    /// What the networks made of it.
    public let drawing: FaceDrawing

    public init(aligned: FaceCompositor.Aligned, drawing: FaceDrawing) {
        self.aligned = aligned
        self.drawing = drawing
    }

    /// Pixels of the aligned crop -> pixels of the wide crop.
    /// - Parameter size: side of both in pixels.
    public static func transform(size: Int) -> AffineTransform2D {
        let s = Double(size) / 128
        let eyes = AlignmentTemplate.face128.landmarks
        let (middle, height) = (63.5 * s, (0.5 * (eyes.leftEye.y + eyes.rightEye.y) + 0.5) * s - 0.5)
        return .scale(zoom, translate: Point(middle * (1 - zoom), height * (eyeShare - zoom)))
    }

    /// The mask's alpha in the aligned crop, with what this look adds to it.
    /// - Parameters:
    ///   - alpha: as the networks saw it in the aligned crop, [1, s, s].
    ///   - threshold: alpha from which a pixel belongs to the mask.
    /// - Returns: nil when they do not see the same mask again.
    func completed(_ alpha: FloatImage, threshold: Float) throws -> FloatImage? {
        let seen = try drawing.alpha.warped(
            by: Self.transform(size: alpha.width).inverse(), width: alpha.width, height: alpha.height,
            border: .constant(0))
        let first = alpha.thresholded(threshold)
        var both = seen.thresholded(threshold)
        var (again, total) = (0, 0)
        for i in first.data.indices where first.data[i] > 0 {
            total += 1
            if both.data[i] > 0 { again += 1 }
            both.data[i] = 1
        }
        guard total > 0, Double(again) >= Self.agreement * Double(total) else { return nil }
        let whole = both.connected(to: first)
        var out = alpha
        for i in out.data.indices where whole.data[i] > 0 { out.data[i] = max(alpha.data[i], seen.data[i]) }
        return out
    }
}
