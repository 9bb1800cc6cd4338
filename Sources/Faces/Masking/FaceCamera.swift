import Foundation
import Imaging

/// Maps the mean head to one person's picture: an affine camera fitted to the landmarks, plus a smooth field of what it leaves over
/// (the person's own build and expression).
struct FaceCamera {
    /// Pixels per eye distance.
    let scale: Float
    /// Orthonormal viewing axes in the head's frame: right, down and towards the camera.
    let right: Vector3
    let down: Vector3
    let towards: Vector3
    private let rowX: Vector3
    private let rowY: Vector3
    private let offset: SIMD2<Float>
    private let residuals: HeadField

    init(_ landmarks: FaceLandmarks468) throws(MaskingError) {
        let points = landmarks.points
        // Centring keeps the normal equations well conditioned wherever the face lies.
        let centre = points.reduce(Point(0, 0), +) * (1 / Double(points.count))
        var a = [Double](repeating: 0, count: 16)
        var bx = [Double](repeating: 0, count: 4)
        var by = [Double](repeating: 0, count: 4)
        for (p, point) in zip(CanonicalFace.points, points) {
            // The forehead says nothing about the mask.
            let weight = p.y < -0.3 ? 0.3 : 1.0
            let f = [Double(p.x), Double(p.y), Double(p.z), 1]
            for i in 0..<4 {
                for j in 0..<4 { a[i * 4 + j] += weight * f[i] * f[j] }
                bx[i] += weight * f[i] * (point.x - centre.x)
                by[i] += weight * f[i] * (point.y - centre.y)
            }
        }
        guard let x = solveSymmetric(a, bx), let y = solveSymmetric(a, by) else { throw .degenerateLandmarks }
        rowX = Vector3(Float(x[0]), Float(x[1]), Float(x[2]))
        rowY = Vector3(Float(y[0]), Float(y[1]), Float(y[2]))
        offset = SIMD2(Float(x[3] + centre.x), Float(y[3] + centre.y))
        let (lx, ly) = (length(rowX), length(rowY))
        scale = (lx + ly) / 2
        guard scale > 1, scale < 1e6, length(cross(rowX, rowY)) > 0.05 * lx * ly else {
            throw .degenerateLandmarks
        }
        right = rowX / lx
        down = normalised(rowY - right * dot(rowY, right))
        towards = cross(right, down)
        let fitted = (rowX, rowY, offset)
        residuals = HeadField.shared(
            zip(CanonicalFace.points, points).map { p, point in
                SIMD2(
                    Float(point.x) - dot(fitted.0, p) - fitted.2.x,
                    Float(point.y) - dot(fitted.1, p) - fitted.2.y)
            })
    }

    /// Picture position and depth (towards the camera), in pixels, of a point of the head.
    @inline(__always) func project(_ p: Vector3, azimuth: Float, height: Float) -> Vector3 {
        let r = residuals.value(azimuth: azimuth, height: height)
        return Vector3(dot(rowX, p) + offset.x + r.x, dot(rowY, p) + offset.y + r.y, scale * dot(towards, p))
    }

    /// A head-frame direction in viewing axes.
    @inline(__always) func view(_ n: Vector3) -> Vector3 {
        Vector3(dot(right, n), dot(down, n), dot(towards, n))
    }
}
