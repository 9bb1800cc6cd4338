import Imaging

/// Where the five landmarks of an aligned face lie in a square crop.
public struct AlignmentTemplate: FaceAlignment, Equatable {
    public let name: String
    /// Side of the crop in pixels.
    public let size: Int
    public let landmarks: FiveLandmarks

    /// ArcFace's 112-pixel template.
    public static let arcFace112 = AlignmentTemplate(
        name: "ArcFace 112", size: 112,
        landmarks: FiveLandmarks(
            leftEye: Point(38.2946, 51.6963), rightEye: Point(73.5318, 51.5014),
            nose: Point(56.0252, 71.7366),
            leftMouth: Point(41.5493, 92.3655), rightMouth: Point(70.7299, 92.2041)))

    /// The crop that unmasking works on, 128 pixels: forehead to chin and ear to ear of most faces.
    ///
    /// ArcFace's shape, made symmetric and fitted to the mean YuNet landmarks of tight portrait crops, so that this crop and
    /// ArcFace's differ by one constant similarity (scale 1.3375).
    public static let face128 = AlignmentTemplate(
        name: "face 128", size: 128,
        landmarks: FiveLandmarks(
            leftEye: Point(39.935, 36.506), rightEye: Point(87.065, 36.506), nose: Point(63.5, 63.441),
            leftMouth: Point(43.985, 90.924), rightMouth: Point(83.015, 90.924)))

    public init(name: String, size: Int, landmarks: FiveLandmarks) {
        self.name = name
        self.size = size
        self.landmarks = landmarks
    }

    /// The same template at another crop size.
    public func scaled(to newSize: Int) -> AlignmentTemplate {
        let s = Double(newSize) / Double(size)
        // Edges map to edges; pixel centres lie half a pixel inside.
        let map = AffineTransform2D.scale(s, translate: Point(0.5 * s - 0.5, 0.5 * s - 0.5))
        return AlignmentTemplate(
            name: "\(name) at \(newSize)", size: newSize, landmarks: landmarks.applying(map))
    }

    /// The similarity (rotation, scale, shift) from image pixels to crop pixels that fits best in the least-squares sense.
    /// - Throws: `ImagingError` when the landmarks coincide.
    public func transform(from landmarks: FiveLandmarks) throws(ImagingError) -> AffineTransform2D {
        try AffineTransform2D.similarity(from: landmarks.points, to: self.landmarks.points)
    }

    /// Crop pixels of this template -> crop pixels of another.
    public func transform(to other: AlignmentTemplate) throws(ImagingError) -> AffineTransform2D {
        try other.transform(from: landmarks)
    }
}
