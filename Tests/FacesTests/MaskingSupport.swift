import Faces
import Foundation
import Imaging

/// A drawn head: no photo of a person is needed to test where a mask goes.
enum MaskingSupport {
    /// A shaded oval on a background, with a little deterministic texture.
    static func portrait(width: Int, height: Int, channels: Int = 3, points: FaceLandmarks468) -> FloatImage {
        var image = FloatImage(width: width, height: height, channels: channels)
        let nose = points.points[4]
        let top = points.points[10]
        let chin = points.points[152]
        let size = max((chin - top).length / 2, 2)
        let skin: [Double] = [0.78, 0.58, 0.48]
        let wall: [Double] = [0.30, 0.36, 0.42]
        for y in 0..<height {
            for x in 0..<width {
                let dx = (Double(x) - nose.x) / size
                let dy = (Double(y) - (top.y + chin.y) / 2) / size
                let inside = dx * dx * 1.6 + dy * dy < 1
                let light = 0.85 - 0.25 * dx + 0.02 * sin(Double(x) * 1.7) * cos(Double(y) * 2.3)
                for c in 0..<channels {
                    let value = inside ? skin[c] * light : wall[c]
                    image[c, y, x] = Float(min(max(value, 0), 1))
                }
            }
        }
        return image
    }

    /// Landmarks of a mean face with the given eye distance, turned by `yaw` and `roll` (radians).
    static func face(eyeDistance: Double, centre: Point, yaw: Double = 0, roll: Double = 0, pitch: Double = 0)
        throws -> FaceLandmarks468
    {
        // Eyes, nose tip and mouth corners of the mean face, x right, y down, z towards the camera.
        let anchors: [(Double, Double, Double)] = [
            (-0.5, 0, 0), (0.5, 0, 0), (0, 0.44, 0.71), (-0.447, 0.997, 0.118), (0.447, 0.997, 0.118),
        ]
        let points = anchors.map { x, y, z -> Point in
            let x1 = cos(yaw) * x + sin(yaw) * z
            let z1 = -sin(yaw) * x + cos(yaw) * z
            let y1 = cos(pitch) * y + sin(pitch) * z1
            return Point(
                centre.x + eyeDistance * (cos(roll) * x1 - sin(roll) * y1),
                centre.y + eyeDistance * (sin(roll) * x1 + cos(roll) * y1))
        }
        return try FaceLandmarks468(fivePoints: points)
    }

    static func value(_ plane: FloatImage, at point: Point) -> Float {
        let x = Int(point.x.rounded())
        let y = Int(point.y.rounded())
        guard x >= 0, y >= 0, x < plane.width, y < plane.height else { return 0 }
        return plane[0, y, x]
    }

    static func share(_ plane: FloatImage) -> Double {
        Double(plane.data.reduce(0, +)) / Double(plane.data.count)
    }
}
