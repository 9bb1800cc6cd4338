import Imaging

/// The 468 points of MediaPipe's face mesh, in its order and in image pixels.
public struct FaceMeshLandmarks: Sendable, Equatable {
    public let points: [Point]
    /// Distance towards (negative) or away from the viewer relative to the face's middle, in image pixels.
    public let depths: [Double]
    /// Probability that there is a face, 0…1.
    public let presence: Double

    /// Outer corners of the eyes; left and right are the image's.
    public static let leftEyeOuter = 33
    public static let rightEyeOuter = 263
    static let leftEyeInner = 133
    static let rightEyeInner = 362
    static let noseBase = 2

    /// - Throws: `FacesError.invalidArgument` unless there are 468 points and depths.
    public init(points: [Point], depths: [Double], presence: Double) throws(FacesError) {
        guard points.count == FaceMesh.pointCount, depths.count == FaceMesh.pointCount else {
            throw .invalidArgument(
                "\(points.count) points and \(depths.count) depths: a face mesh has \(FaceMesh.pointCount)")
        }
        self.points = points
        self.depths = depths
        self.presence = presence
    }

    /// The smallest upright rectangle that holds all points.
    public var boundingBox: Rect {
        var (low, high) = (points[0], points[0])
        for point in points {
            low = Point(min(low.x, point.x), min(low.y, point.y))
            high = Point(max(high.x, point.x), max(high.y, point.y))
        }
        return Rect(x: low.x, y: low.y, width: high.x - low.x, height: high.y - low.y)
    }

    /// The five points that dlib aligns by, for `AlignmentTemplate.dlibChip(from:)`.
    public var dlibCorners: [Point] {
        [Self.rightEyeOuter, Self.rightEyeInner, Self.leftEyeOuter, Self.leftEyeInner, Self.noseBase].map {
            points[$0]
        }
    }
}
