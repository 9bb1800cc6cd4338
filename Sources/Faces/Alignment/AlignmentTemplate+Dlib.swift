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
    /// - Returns: image pixels -> pixels of the 150-pixel chip, with dlib's conventions: the mean face is fitted to the image,
    ///   not the other way round, and the outer pixels' centres lie on the edges of the rectangle that is cut out.
    /// - Throws: `ImagingError.invalidArgument` for another number of points or a face of less than a pixel.
    public static func dlibChip(from corners: [Point]) throws(ImagingError) -> AffineTransform2D {
        guard corners.count == 5 else {
            throw .invalidArgument(
                "\(corners.count) points: expected the four corners of the eyes and the base of the nose")
        }
        let fit = try AffineTransform2D.similarity(
            from: [
                (0.8595674595992, 0.2134981538014), (0.6460604764104, 0.2289674387677),
                (0.1205750620789, 0.2137274526848), (0.3340850613712, 0.2290642403242),
                (0.4901123135679, 0.6277975316475),
            ].map { Point(100 * $0.0 + 25, 100 * $0.1 + 25) }, to: corners)
        guard 150 * fit.scale > 2, fit.scale.isFinite else {
            throw .invalidArgument("the eye corners and the base of the nose coincide")
        }
        let centre = fit.apply(Point(75, 75))
        let scale = 149 / (150 * fit.scale - 1)
        let (a, b) = (scale * fit.a / fit.scale, scale * fit.d / fit.scale)
        return AffineTransform2D(
            a: a, b: b, c: 74.5 - a * centre.x - b * centre.y,
            d: -b, e: a, f: 74.5 + b * centre.x - a * centre.y)
    }

    /// A point of the unit square, in pixels of the chip; edges map to edges.
    private static func chip(_ x: Double, _ y: Double) -> Point { Point(100 * x + 24.5, 100 * y + 24.5) }
}
