import Imaging

/// Takes every image for a crop that ArcFace's 112-pixel template aligned, whatever its size: nothing is searched.
public struct AlignedFaceDetector: FaceDetector {
    public init() {}

    public func detect(_ image: Image) throws -> [DetectedFace] {
        let template = AlignmentTemplate.arcFace112
        let scale = Double(min(image.width, image.height)) / Double(template.size)
        let map = AffineTransform2D.scale(
            scale,
            translate: Point(
                (Double(image.width) - Double(template.size) * scale + scale - 1) / 2,
                (Double(image.height) - Double(template.size) * scale + scale - 1) / 2))
        return [
            DetectedFace(
                box: Rect(x: 0, y: 0, width: Double(image.width), height: Double(image.height)), score: 1,
                landmarks: template.landmarks.applying(map))
        ]
    }
}
