import Foundation

/// A smooth two-component field over the head, interpolated from values at the 468 points: a Gaussian-weighted mean on a lattice over
/// azimuth and height, then a quadratic B-spline.
struct HeadField {
    private static let columns = 15, rows = 15
    private static let firstAzimuth: Float = -105 * .pi / 180, azimuthStep: Float = 15 * .pi / 180
    private static let firstHeight: Float = -0.4, heightStep: Float = 0.18

    private var nodes: [SIMD2<Float>]

    /// [node, point] weights, each row sums to 1.
    private static let weights: [Float] = {
        var out = [Float](repeating: 0, count: columns * rows * 468)
        let surface = HeadSurface.shared
        for row in 0..<rows {
            for column in 0..<columns {
                let azimuth = firstAzimuth + Float(column) * azimuthStep
                let height = firstHeight + Float(row) * heightStep
                let node = HeadSurface.point(
                    azimuth: azimuth, height: height,
                    radius: surface.face.radius(azimuth: azimuth, height: height))
                let start = (row * columns + column) * 468
                var total: Float = 0
                for (i, p) in CanonicalFace.points.enumerated() {
                    let d = dot(p - node, p - node)
                    // The small long-range part takes over where no point is near.
                    let w = exp(-d / (2 * 0.16 * 0.16)) + 1e-5 / (0.05 + d * d * d)
                    out[start + i] = w
                    total += w
                }
                for i in 0..<468 { out[start + i] /= total }
            }
        }
        return out
    }()

    static func shared(_ values: [SIMD2<Float>]) -> HeadField {
        var nodes = [SIMD2<Float>](repeating: .zero, count: columns * rows)
        weights.withUnsafeBufferPointer { weights in
            values.withUnsafeBufferPointer { values in
                for n in nodes.indices {
                    var sum = SIMD2<Float>.zero
                    for i in 0..<468 { sum += weights[n * 468 + i] * values[i] }
                    nodes[n] = sum
                }
            }
        }
        return HeadField(nodes: nodes)
    }

    @inline(__always) func value(azimuth: Float, height: Float) -> SIMD2<Float> {
        let x = clamp((azimuth - Self.firstAzimuth) / Self.azimuthStep, 0, Float(Self.columns - 1))
        let y = clamp((height - Self.firstHeight) / Self.heightStep, 0, Float(Self.rows - 1))
        let i = Int(x + 0.5)
        let j = Int(y + 0.5)
        let wx = Self.spline(x - Float(i))
        let wy = Self.spline(y - Float(j))
        return nodes.withUnsafeBufferPointer { nodes in
            var sum = SIMD2<Float>.zero
            for b in 0..<3 {
                let row = min(max(j + b - 1, 0), Self.rows - 1) * Self.columns
                for a in 0..<3 {
                    sum += (wy[b] * wx[a]) * nodes[row + min(max(i + a - 1, 0), Self.columns - 1)]
                }
            }
            return sum
        }
    }

    @inline(__always) private static func spline(_ t: Float) -> Vector3 {
        Vector3(0.5 * (0.5 - t) * (0.5 - t), 0.75 - t * t, 0.5 * (0.5 + t) * (0.5 + t))
    }
}
