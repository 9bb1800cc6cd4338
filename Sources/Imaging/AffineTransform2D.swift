import Foundation

/// x' = a·x + b·y + c, y' = d·x + e·y + f.
public struct AffineTransform2D: Sendable, Equatable, Codable {
    public var a, b, c, d, e, f: Double

    public init(a: Double, b: Double, c: Double, d: Double, e: Double, f: Double) {
        self.a = a
        self.b = b
        self.c = c
        self.d = d
        self.e = e
        self.f = f
    }

    public static let identity = AffineTransform2D(a: 1, b: 0, c: 0, d: 0, e: 1, f: 0)

    public static func scale(_ s: Double, translate: Point = Point(0, 0)) -> AffineTransform2D {
        AffineTransform2D(a: s, b: 0, c: translate.x, d: 0, e: s, f: translate.y)
    }

    /// A turn by `angle` (radians, from x towards y) and a change of size that take a point to another.
    public static func turning(by angle: Double, scale: Double, taking from: Point, to: Point)
        -> AffineTransform2D
    {
        let (c, s) = (scale * cos(angle), scale * sin(angle))
        return AffineTransform2D(
            a: c, b: -s, c: to.x - c * from.x + s * from.y, d: s, e: c, f: to.y - s * from.x - c * from.y)
    }

    public var determinant: Double { a * e - b * d }
    /// Length scale: square root of the area scale.
    public var scale: Double { determinant.magnitude.squareRoot() }

    public func apply(_ p: Point) -> Point { Point(a * p.x + b * p.y + c, d * p.x + e * p.y + f) }

    /// First this transform, then `next`.
    public func concatenating(_ next: AffineTransform2D) -> AffineTransform2D {
        AffineTransform2D(
            a: next.a * a + next.b * d, b: next.a * b + next.b * e, c: next.a * c + next.b * f + next.c,
            d: next.d * a + next.e * d, e: next.d * b + next.e * e, f: next.d * c + next.e * f + next.f)
    }

    /// - Throws: `ImagingError.invalidArgument` when the transform flattens the plane or is not finite.
    public func inverse() throws(ImagingError) -> AffineTransform2D {
        let det = determinant
        guard det.magnitude > 1e-12, det.isFinite, c.isFinite, f.isFinite else {
            throw .invalidArgument(
                "affine transform with determinant \(det) and translation (\(c), \(f)) cannot be inverted")
        }
        let (ia, ib, id, ie) = (e / det, -b / det, -d / det, a / det)
        return AffineTransform2D(a: ia, b: ib, c: -(ia * c + ib * f), d: id, e: ie, f: -(id * c + ie * f))
    }

    /// The rotation, uniform scale and translation that maps `from` to `to` best in the least-squares sense
    /// (Umeyama 1991, without reflection).
    /// - Throws: `ImagingError.invalidArgument` for fewer than two points, unequal counts or coinciding points.
    public static func similarity(from: [Point], to: [Point]) throws(ImagingError) -> AffineTransform2D {
        guard from.count == to.count, from.count >= 2 else {
            throw .invalidArgument(
                "similarity from \(from.count) to \(to.count) points: expected two or more pairs")
        }
        let n = Double(from.count)
        let p = from.reduce(Point(0, 0), +) * (1 / n)
        let q = to.reduce(Point(0, 0), +) * (1 / n)
        var spread = 0.0
        var dot = 0.0
        var cross = 0.0
        for (source, target) in zip(from, to) {
            let u = source - p
            let v = target - q
            spread += u.x * u.x + u.y * u.y
            dot += u.x * v.x + u.y * v.y
            cross += u.x * v.y - u.y * v.x
        }
        guard spread > 1e-9 else { throw .invalidArgument("similarity: the source points coincide") }
        let a = dot / spread
        let d = cross / spread
        return AffineTransform2D(
            a: a, b: -d, c: q.x - a * p.x + d * p.y, d: d, e: a, f: q.y - d * p.x - a * p.y)
    }
}
