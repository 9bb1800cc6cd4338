import Foundation

/// The mean head as a height field around a vertical axis through the ears: radius as a function of azimuth (0 = straight ahead,
/// positive to the right of the picture) and height. Lengths are in eye distances, angles in radians.
///
/// `face` is the skin, extended beyond the mesh behind the ears and down the neck; `hull` is a sheet pulled taut over it from the
/// bridge of the nose to below the chin, as stiff fabric hangs.
struct HeadSurface: Sendable {
    static let shared = HeadSurface()

    /// z of the axis: the plane of the ears.
    static let axisDepth: Float = -0.85

    let face: PolarGrid
    let hull: PolarGrid

    struct PolarGrid: Sendable {
        static let columns = 47, rows = 42
        static let azimuthStep: Float = 5 * .pi / 180, firstAzimuth: Float = -115 * .pi / 180
        static let heightStep: Float = 0.09, firstHeight: Float = -0.6

        var radii: [Float]

        static func azimuth(_ column: Int) -> Float { firstAzimuth + Float(column) * azimuthStep }
        static func height(_ row: Int) -> Float { firstHeight + Float(row) * heightStep }

        /// Bicubic (Catmull-Rom) look-up, clamped to the table's range.
        func radius(azimuth: Float, height: Float) -> Float {
            let x = clamp(
                (azimuth - Self.firstAzimuth) / Self.azimuthStep, 0, Float(Self.columns - 1) - 0.001)
            let y = clamp((height - Self.firstHeight) / Self.heightStep, 0, Float(Self.rows - 1) - 0.001)
            let i = Int(x)
            let j = Int(y)
            let wx = Self.weights(x - Float(i))
            let wy = Self.weights(y - Float(j))
            return radii.withUnsafeBufferPointer { radii in
                var sum: Float = 0
                for b in 0..<4 {
                    let row = min(max(j + b - 1, 0), Self.rows - 1) * Self.columns
                    var line: Float = 0
                    for a in 0..<4 { line += wx[a] * radii[row + min(max(i + a - 1, 0), Self.columns - 1)] }
                    sum += wy[b] * line
                }
                return sum
            }
        }

        @inline(__always) private static func weights(_ t: Float) -> SIMD4<Float> {
            let t2 = t * t
            let t3 = t2 * t
            return SIMD4(-t3 + 2 * t2 - t, 3 * t3 - 5 * t2 + 2, -3 * t3 + 4 * t2 + t, t3 - t2) * 0.5
        }

        /// Binomial smoothing, `times` passes in both directions.
        mutating func smooth(_ times: Int) {
            for _ in 0..<times {
                let old = radii
                for r in 0..<Self.rows {
                    for c in 0..<Self.columns {
                        let left = old[r * Self.columns + max(c - 1, 0)]
                        let right = old[r * Self.columns + min(c + 1, Self.columns - 1)]
                        let up = old[max(r - 1, 0) * Self.columns + c]
                        let down = old[min(r + 1, Self.rows - 1) * Self.columns + c]
                        let here = old[r * Self.columns + c]
                        radii[r * Self.columns + c] = 0.5 * here + 0.125 * (left + right + up + down)
                    }
                }
            }
        }
    }

    /// The point at an azimuth, height and radius.
    @inline(__always) static func point(azimuth: Float, height: Float, radius: Float) -> Vector3 {
        Vector3(radius * sin(azimuth), height, radius * cos(azimuth) + axisDepth)
    }

    /// Azimuth, height and radius of a point.
    static func polar(_ p: Vector3) -> (azimuth: Float, height: Float, radius: Float) {
        let depth = p.z - axisDepth
        return (atan2(p.x, depth), p.y, (p.x * p.x + depth * depth).squareRoot())
    }

    /// Outward unit normal of the skin.
    func faceNormal(azimuth: Float, height: Float) -> Vector3 {
        let d: Float = 0.04
        func at(_ a: Float, _ h: Float) -> Vector3 {
            Self.point(azimuth: a, height: h, radius: face.radius(azimuth: a, height: h))
        }
        let across = at(azimuth + d, height) - at(azimuth - d, height)
        let down = at(azimuth, height + d) - at(azimuth, height - d)
        return normalised(cross(across, down))
    }

    private init() {
        var samples = CanonicalFace.points.map(Self.polar)
        samples += Self.neckAndEars()
        face = Self.fit(samples)
        hull = Self.stretch(face)
    }

    /// Points where the mesh has none: the head behind its oval, the underside of the jaw and the neck.
    private static func neckAndEars() -> [(azimuth: Float, height: Float, radius: Float)] {
        var extra: [(azimuth: Float, height: Float, radius: Float)] = []
        for index in CanonicalFace.jaw {
            let (azimuth, height, radius) = polar(CanonicalFace.points[index])
            guard abs(azimuth) < 1.45 else { continue }
            // The neck is a tube of radius 0.85 whose axis lies behind the ears' plane, so it is nearer at the front.
            let neck = 0.85 - 0.33 * cos(azimuth)
            for (below, share) in [
                (0.08, 0.10), (0.18, 0.32), (0.32, 0.65), (0.6, 1.0), (1.0, 1.0), (1.5, 1.0),
            ] as [(Float, Float)] {
                extra.append((azimuth, height + below, mix(radius, neck, share)))
            }
        }
        for side in [-1, 1] as [Float] {
            for degrees in stride(from: Float(95), through: 120, by: 8) {
                for height in stride(from: Float(-0.6), through: 3.2, by: 0.2) {
                    extra.append(
                        (side * degrees * .pi / 180, height, mix(1.08, 0.86, smoothstep(0.9, 1.9, height))))
                }
            }
        }
        for degrees in stride(from: Float(-90), through: 90, by: 15) {
            let azimuth = degrees * .pi / 180
            for height in [2.6, 3.0, 3.3] as [Float] {
                extra.append((azimuth, height, 0.85 - 0.33 * cos(azimuth)))
            }
        }
        return extra
    }

    /// Local linear regression of the radius, with a kernel as wide as the points are sparse.
    private static func fit(_ samples: [(azimuth: Float, height: Float, radius: Float)]) -> PolarGrid {
        var radii = [Float](repeating: 1, count: PolarGrid.columns * PolarGrid.rows)
        var near: [Float] = []
        for row in 0..<PolarGrid.rows {
            for column in 0..<PolarGrid.columns {
                let azimuth = PolarGrid.azimuth(column)
                let height = PolarGrid.height(row)
                near.removeAll(keepingCapacity: true)
                for s in samples {
                    let da = s.azimuth - azimuth
                    let dh = s.height - height
                    near.append(da * da + dh * dh)
                }
                let eighth = near.sorted()[8]
                let width = max(eighth * 0.6, 0.0045)
                var a = [Double](repeating: 0, count: 9)
                var b = [Double](repeating: 0, count: 3)
                for (s, d) in zip(samples, near) where d < width * 16 {
                    let w = Double(exp(-d / width))
                    let f = [1, Double(s.azimuth - azimuth), Double(s.height - height)]
                    for i in 0..<3 {
                        for j in 0..<3 { a[i * 3 + j] += w * f[i] * f[j] }
                        b[i] += w * f[i] * Double(s.radius)
                    }
                }
                let total = a[0]
                a[4] += 0.01 * total
                a[8] += 0.01 * total
                if let x = solveSymmetric(a, b) { radii[row * PolarGrid.columns + column] = Float(x[0]) }
            }
        }
        return PolarGrid(radii: radii)
    }

    private static func stretch(_ face: PolarGrid) -> PolarGrid {
        var hull = face
        // Across: the convex hull of each horizontal section, seen from the axis.
        for row in 0..<PolarGrid.rows where PolarGrid.height(row) > -0.1 && PolarGrid.height(row) < 2.2 {
            var chain: [(x: Float, z: Float)] = []
            let section = (0..<PolarGrid.columns).map { c -> (x: Float, z: Float) in
                let r = face.radii[row * PolarGrid.columns + c]
                return (r * sin(PolarGrid.azimuth(c)), r * cos(PolarGrid.azimuth(c)))
            }
            for p in section {
                while chain.count > 1 {
                    let a = chain[chain.count - 2]
                    let b = chain[chain.count - 1]
                    if (b.x - a.x) * (p.z - a.z) - (b.z - a.z) * (p.x - a.x) < 0 { break }
                    chain.removeLast()
                }
                chain.append(p)
            }
            for c in 0..<PolarGrid.columns {
                let direction = (x: sin(PolarGrid.azimuth(c)), z: cos(PolarGrid.azimuth(c)))
                for (a, b) in zip(chain, chain.dropFirst()) {
                    let before = a.x * direction.z - a.z * direction.x
                    let after = b.x * direction.z - b.z * direction.x
                    if before <= 1e-6 && after >= -1e-6 && after - before > 1e-9 {
                        let t = -before / (after - before)
                        let x = mix(a.x, b.x, t)
                        let z = mix(a.z, b.z, t)
                        hull.radii[row * PolarGrid.columns + c] = max(
                            hull.radii[row * PolarGrid.columns + c], (x * x + z * z).squareRoot())
                        break
                    }
                }
            }
        }
        // Down: the concave envelope of each profile between the bridge of the nose and the underside of the chin.
        let span = (0..<PolarGrid.rows).filter { PolarGrid.height($0) > 0 && PolarGrid.height($0) < 1.86 }
        for c in 0..<PolarGrid.columns {
            var chain: [Int] = []
            func radius(_ row: Int) -> Float { hull.radii[row * PolarGrid.columns + c] }
            for row in span {
                while chain.count > 1 {
                    let a = chain[chain.count - 2]
                    let b = chain[chain.count - 1]
                    let bridge = mix(radius(a), radius(row), Float(b - a) / Float(row - a))
                    if radius(b) > bridge { break }
                    chain.removeLast()
                }
                chain.append(row)
            }
            for (a, b) in zip(chain, chain.dropFirst()) {
                let (from, to) = (radius(a), radius(b))
                for row in a...b {
                    hull.radii[row * PolarGrid.columns + c] = mix(from, to, Float(row - a) / Float(b - a))
                }
            }
        }
        hull.smooth(3)
        for i in hull.radii.indices { hull.radii[i] = max(hull.radii[i], face.radii[i]) }
        return hull
    }
}
