import Imaging

/// dlib's `get_face_chip`: the mean face fills the unit square, to which `padding` is added on every side.
extension AlignmentTemplate {
    /// The 150-pixel chip with padding 0.25 of dlib's recogniser, for a detector's five points.
    ///
    /// dlib aligns by the corners of the eyes and the base of the nose. Here stand the same mean face's eye centres, tip of
    /// the nose and mouth corners (dlib's 68-point model), so that the chip shows the face at the same place and scale.
    public static let dlib150 = AlignmentTemplate(
        name: "dlib 150", size: 150,
        landmarks: FiveLandmarks(
            leftEye: chip(0.2254918, 0.2159903), rightEye: chip(0.7547613, 0.2159903),
            nose: chip(0.490127, 0.515625), leftMouth: chip(0.254149, 0.780233),
            rightMouth: chip(0.726104, 0.780233)))

    /// As `get_face_chip` does for dlib's five-point model: the subject's left eye's outer and inner corner, the right
    /// eye's outer and inner corner, the base of the nose.
    /// - Returns: image pixels -> pixels of the 150-pixel chip.
    /// - Throws: `ImagingError.invalidArgument` for another number of points or coinciding ones.
    public static func dlibChip(from corners: [Point]) throws(ImagingError) -> AffineTransform2D {
        guard corners.count == 5 else {
            throw .invalidArgument(
                "\(corners.count) points: expected the four corners of the eyes and the base of the nose")
        }
        return try AffineTransform2D.similarity(
            from: corners,
            to: [
                chip(0.8595674595992, 0.2134981538014), chip(0.6460604764104, 0.2289674387677),
                chip(0.1205750620789, 0.2137274526848), chip(0.3340850613712, 0.2290642403242),
                chip(0.4901123135679, 0.6277975316475),
            ])
    }

    private static func chip(_ x: Double, _ y: Double) -> Point {
        Point((x + 0.25) / 1.5 * 150, (y + 0.25) / 1.5 * 150)
    }
}
