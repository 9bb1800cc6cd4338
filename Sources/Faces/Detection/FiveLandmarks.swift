import Imaging

/// Five points in pixels, in the order of the ArcFace template: centres of the eyes, tip of the nose, corners of the mouth.
/// Left and right are the image's.
public struct FiveLandmarks: Sendable, Equatable, Codable {
    public var leftEye: Point
    public var rightEye: Point
    public var nose: Point
    public var leftMouth: Point
    public var rightMouth: Point

    public init(leftEye: Point, rightEye: Point, nose: Point, leftMouth: Point, rightMouth: Point) {
        self.leftEye = leftEye
        self.rightEye = rightEye
        self.nose = nose
        self.leftMouth = leftMouth
        self.rightMouth = rightMouth
    }

    /// - Parameter points: five points, in order.
    /// - Throws: `FacesError.invalidArgument` for another number.
    public init(_ points: [Point]) throws(FacesError) {
        guard points.count == 5 else { throw .invalidArgument("\(points.count) landmarks: expected five") }
        self.init(
            leftEye: points[0], rightEye: points[1], nose: points[2], leftMouth: points[3],
            rightMouth: points[4])
    }

    public var points: [Point] { [leftEye, rightEye, nose, leftMouth, rightMouth] }

    /// x and y of each point, in order: ten numbers, as files, batches and networks hold them.
    package var values: [Float] { points.flatMap { [Float($0.x), Float($0.y)] } }

    /// The faces of a matrix of `values`, [count, 5, 2], one after the other.
    package static func rows(_ values: [Float]) throws(FacesError) -> [FiveLandmarks] {
        var faces: [FiveLandmarks] = []
        for start in stride(from: 0, to: values.count, by: 10) {
            faces.append(
                try FiveLandmarks(
                    (0..<5).map { Point(Double(values[start + 2 * $0]), Double(values[start + 2 * $0 + 1])) })
            )
        }
        return faces
    }

    public func applying(_ transform: AffineTransform2D) -> FiveLandmarks {
        FiveLandmarks(
            leftEye: transform.apply(leftEye), rightEye: transform.apply(rightEye),
            nose: transform.apply(nose),
            leftMouth: transform.apply(leftMouth), rightMouth: transform.apply(rightMouth))
    }

    /// Those of the mirrored image; what was on the left is on the right.
    /// - Parameter width: of the image in pixels.
    public func flippedHorizontally(width: Int) -> FiveLandmarks {
        func flipped(_ point: Point) -> Point { Point(Double(width - 1) - point.x, point.y) }
        return FiveLandmarks(
            leftEye: flipped(rightEye), rightEye: flipped(leftEye), nose: flipped(nose),
            leftMouth: flipped(rightMouth), rightMouth: flipped(leftMouth))
    }
}
