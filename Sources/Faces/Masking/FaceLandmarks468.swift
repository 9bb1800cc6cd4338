import Imaging

/// The 468 points of MediaPipe's face mesh in pixel coordinates, in its order.
public struct FaceLandmarks468: Sendable, Equatable, Codable {
    public static let count = 468

    public let points: [Point]

    /// - Throws: `MaskingError` for another number of points or one that is not finite.
    public init(_ points: [Point]) throws(MaskingError) {
        guard points.count == Self.count else {
            throw .landmarkCount(found: points.count, expected: Self.count)
        }
        for (index, point) in points.enumerated() where !(point.x.isFinite && point.y.isFinite) {
            throw .landmarkNotFinite(index: index)
        }
        self.points = points
    }

    /// The same points in another picture.
    public func applying(_ transform: AffineTransform2D) throws(MaskingError) -> FaceLandmarks468 {
        try FaceLandmarks468(points.map { transform.apply($0) })
    }

    /// The mean face turned, scaled and moved to fit a detector's five points: right eye, left eye, nose tip, right and left corner of
    /// the mouth (the person's sides; the right eye lies to the left of the picture).
    /// - Throws: `MaskingError` for another number of points, values that are not finite, or points without extent.
    public init(fivePoints: [Point]) throws(MaskingError) {
        guard fivePoints.count == 5 else { throw .landmarkCount(found: fivePoints.count, expected: 5) }
        for (index, point) in fivePoints.enumerated() where !(point.x.isFinite && point.y.isFinite) {
            throw .landmarkNotFinite(index: index)
        }
        try self.init(FivePointFit(fivePoints).mesh)
    }
}
