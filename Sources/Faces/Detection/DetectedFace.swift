import Imaging

/// A face in an image, in that image's pixels.
public struct DetectedFace: Sendable, Equatable {
    public var box: Rect
    /// Confidence, 0…1.
    public var score: Double
    public var landmarks: FiveLandmarks

    public init(box: Rect, score: Double, landmarks: FiveLandmarks) {
        self.box = box
        self.score = score
        self.landmarks = landmarks
    }

    /// The same face in other coordinates; the box becomes the smallest upright one around the mapped corners.
    public func applying(_ transform: AffineTransform2D) -> DetectedFace {
        let corners = [(0.0, 0.0), (1, 0), (0, 1), (1, 1)].map { corner in
            transform.apply(Point(box.x + corner.0 * box.width, box.y + corner.1 * box.height))
        }
        let xs = corners.map(\.x)
        let ys = corners.map(\.y)
        let (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
        let (top, bottom) = (ys.min() ?? 0, ys.max() ?? 0)
        return DetectedFace(
            box: Rect(x: left, y: top, width: right - left, height: bottom - top), score: score,
            landmarks: landmarks.applying(transform))
    }
}
