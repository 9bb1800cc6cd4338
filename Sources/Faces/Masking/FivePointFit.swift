import Foundation
import Imaging

/// Pose of the mean face from five points: scaled orthographic projection, with a prior on yaw and pitch because five points of one
/// face cannot tell its build from its pose; what remains is spread smoothly over the mesh.
struct FivePointFit {
    let mesh: [Point]

    private static let anchors: [Vector3] = {
        let p = CanonicalFace.points
        return [
            (p[CanonicalFace.rightEyeCorners.0] + p[CanonicalFace.rightEyeCorners.1]) / 2,
            (p[CanonicalFace.leftEyeCorners.0] + p[CanonicalFace.leftEyeCorners.1]) / 2,
            p[CanonicalFace.noseTip], p[CanonicalFace.mouthCorners.right], p[CanonicalFace.mouthCorners.left],
        ]
    }()

    init(_ points: [Point]) throws(MaskingError) {
        // Starting value: a similarity without turn in depth.
        var extent = 0.0
        let centre = points.reduce(Point(0, 0), +) * 0.2
        for p in points { extent = max(extent, (p - centre).length) }
        guard extent > 1 else { throw .degenerateLandmarks }
        // Parameters: yaw, pitch, roll, log scale, x, y; residuals in eye distances.
        let across = points[1] - points[0]
        var parameters = [
            0, 0, atan2(across.y, across.x), Foundation.log(max(extent * 1.25, 1)), centre.x, centre.y,
        ]
        let unit = extent * 1.25
        func residuals(_ q: [Double]) -> [Double] {
            var out: [Double] = []
            for (anchor, point) in zip(Self.anchors, points) {
                let p = Self.project(anchor, q)
                out.append((p.x - point.x) / unit / 0.06)
                out.append((p.y - point.y) / unit / 0.06)
            }
            out.append(q[0] / 0.7)
            out.append(q[1] / 0.22)
            return out
        }
        for _ in 0..<12 {
            let base = residuals(parameters)
            let n = parameters.count
            var jacobian: [[Double]] = []
            for k in 0..<n {
                let step = k < 4 ? 1e-4 : 1e-4 * unit
                var moved = parameters
                moved[k] += step
                jacobian.append(zip(residuals(moved), base).map { ($0 - $1) / step })
            }
            var a = [Double](repeating: 0, count: n * n)
            var b = [Double](repeating: 0, count: n)
            for i in 0..<n {
                for j in 0..<n { a[i * n + j] = zip(jacobian[i], jacobian[j]).reduce(0) { $0 + $1.0 * $1.1 } }
                a[i * n + i] *= 1.001
                b[i] = -zip(jacobian[i], base).reduce(0) { $0 + $1.0 * $1.1 }
            }
            guard let step = solveSymmetric(a, b) else { throw .degenerateLandmarks }
            for k in 0..<n { parameters[k] += k < 3 ? max(-0.5, min(0.5, step[k])) : step[k] }
            parameters[0] = max(-1.5, min(1.5, parameters[0]))
            parameters[1] = max(-1.0, min(1.0, parameters[1]))
        }
        guard parameters.allSatisfy(\.isFinite) else { throw .degenerateLandmarks }
        let errors = zip(Self.anchors, points).map { anchor, point in point - Self.project(anchor, parameters)
        }
        mesh = CanonicalFace.points.map { p in
            var sum = Point(0, 0)
            var total = 0.15
            for (anchor, error) in zip(Self.anchors, errors) {
                let d = p - anchor
                let w = Double(exp(-dot(d, d) / (2 * 0.4 * 0.4)))
                sum = sum + error * w
                total += w
            }
            return Self.project(p, parameters) + sum * (1 / total)
        }
    }

    private static func project(_ p: Vector3, _ q: [Double]) -> Point {
        let (x, y, z) = (Double(p.x), Double(p.y), Double(p.z))
        let (cy, sy, cp, sp, cr, sr) = (
            Foundation.cos(q[0]), sin(q[0]), Foundation.cos(q[1]), sin(q[1]), Foundation.cos(q[2]), sin(q[2])
        )
        // Yaw turns the nose (z) to the right, pitch turns it down, roll turns the picture.
        let x1 = cy * x + sy * z
        let z1 = -sy * x + cy * z
        let y1 = cp * y + sp * z1
        let scale = exp(q[3])
        return Point(q[4] + scale * (cr * x1 - sr * y1), q[5] + scale * (sr * x1 + cr * y1))
    }
}
