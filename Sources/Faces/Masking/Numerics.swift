import Foundation

// Small helpers shared by the masking code. Vectors are SIMD3<Float>: x right, y down, z towards the camera.

typealias Vector3 = SIMD3<Float>

@inline(__always) func dot(_ a: Vector3, _ b: Vector3) -> Float { a.x * b.x + a.y * b.y + a.z * b.z }

@inline(__always) func cross(_ a: Vector3, _ b: Vector3) -> Vector3 {
    Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

@inline(__always) func length(_ a: Vector3) -> Float { dot(a, a).squareRoot() }

@inline(__always) func normalised(_ a: Vector3) -> Vector3 { a / max(length(a), 1e-12) }

@inline(__always) func mix(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }

@inline(__always) func mix(_ a: Vector3, _ b: Vector3, _ t: Float) -> Vector3 { a + (b - a) * t }

@inline(__always) func clamp(_ x: Float, _ low: Float, _ high: Float) -> Float { min(max(x, low), high) }

@inline(__always) func smoothstep(_ low: Float, _ high: Float, _ x: Float) -> Float {
    let t = clamp((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
}

/// Rec. 709 luminance of linear RGB.
@inline(__always) func luminance(_ c: Vector3) -> Float { 0.2126 * c.x + 0.7152 * c.y + 0.0722 * c.z }

/// A bell of height 1 and half-width about `width`; cheaper than a Gaussian and without its cut-off.
@inline(__always) func bell(_ distance: Float, _ width: Float) -> Float {
    let x = distance / width
    let d = 1 + x * x
    return 1 / (d * d)
}

extension Double {
    static func log(_ x: Double) -> Double { Foundation.log(x) }
    static func cos(_ x: Double) -> Double { Foundation.cos(x) }
    static func sin(_ x: Double) -> Double { Foundation.sin(x) }
}

/// Solves the symmetric positive definite system `a x = b` (row-major, `n` by `n`) by Cholesky's method; nil where it is not definite.
func solveSymmetric(_ a: [Double], _ b: [Double]) -> [Double]? {
    let n = b.count
    var l = a
    for i in 0..<n {
        for j in 0...i {
            var sum = l[i * n + j]
            for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
            if i == j {
                guard sum > 1e-14 else { return nil }
                l[i * n + i] = sum.squareRoot()
            } else {
                l[i * n + j] = sum / l[j * n + j]
            }
        }
    }
    var x = b
    for i in 0..<n {
        for k in 0..<i { x[i] -= l[i * n + k] * x[k] }
        x[i] /= l[i * n + i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
        for k in (i + 1)..<max(n, i + 1) { x[i] -= l[k * n + i] * x[k] }
        x[i] /= l[i * n + i]
    }
    return x
}
