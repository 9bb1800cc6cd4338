import Foundation
import Imaging

/// A rotated square around a face, in image pixels: what the face mesh looks at.
public struct FaceRegion: Sendable, Equatable {
    public var centre: Point
    public var side: Double
    /// Radians from the image's x axis to the line from left eye to right eye, positive when it falls to the right.
    public var angle: Double

    public init(centre: Point, side: Double, angle: Double) {
        self.centre = centre
        self.side = side
        self.angle = angle
    }

    /// Around a detector's box, turned so that the eyes become level. MediaPipe's rule: 1.5 times the longer side.
    public init(_ face: DetectedFace, scale: Double = 1.5) {
        self.init(
            centre: face.box.centre, side: scale * max(face.box.width, face.box.height),
            angle: Self.angle(face.landmarks.leftEye, face.landmarks.rightEye))
    }

    /// Around the points of a mesh, as MediaPipe tracks a face from one frame to the next: 1.5 times the longer side of their
    /// bounding box, turned by the eyes' outer corners.
    public init(_ mesh: FaceMeshLandmarks, scale: Double = 1.5) {
        let box = mesh.boundingBox
        self.init(
            centre: box.centre, side: scale * max(box.width, box.height),
            angle: Self.angle(
                mesh.points[FaceMeshLandmarks.leftEyeOuter], mesh.points[FaceMeshLandmarks.rightEyeOuter]))
    }

    private static func angle(_ left: Point, _ right: Point) -> Double {
        atan2(right.y - left.y, right.x - left.x)
    }

    /// Image pixels -> pixels of an upright crop of `size`; the square's corner maps to (0, 0), as in MediaPipe.
    /// - Throws: `ImagingError.invalidArgument` for a region without extent.
    public func transform(to size: Int) throws(ImagingError) -> AffineTransform2D {
        guard side > 1e-6, side.isFinite, centre.x.isFinite, centre.y.isFinite, angle.isFinite else {
            throw .invalidArgument(
                "face region of side \(side) at (\(centre.x), \(centre.y)): expected a positive size")
        }
        let middle = Double(size) / 2
        return .turning(
            by: -angle, scale: Double(size) / side, taking: centre, to: Point(middle, middle))
    }
}
