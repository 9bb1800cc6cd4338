import Imaging

extension AlignmentTemplate {
    /// A wide crop of 128 pixels: hair, chin, ears and some surroundings of every face. ArcFace's five points, scaled by
    /// 0.62 about their centre, which lies at (64, 58).
    public static let semblance128 = arcFace112.placed(
        name: "Semblance 128", size: 128, scale: 0.62, centre: Point(64, 58))

    /// These landmarks scaled about their mean, which is moved to `centre`, in a crop of `size` pixels.
    public func placed(name: String, size: Int, scale: Double, centre: Point) -> AlignmentTemplate {
        let mean = landmarks.points.reduce(Point(0, 0), +) * 0.2
        let map = AffineTransform2D.scale(scale, translate: centre - mean * scale)
        return AlignmentTemplate(name: name, size: size, landmarks: landmarks.applying(map))
    }
}
