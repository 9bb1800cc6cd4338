import Foundation

/// Evaluates a fabric's colour (linear, gamma 2) at a place of the mask.
struct MaskTextureSampler {
    private let pattern: MaskTexture.Pattern
    private let colours: [Vector3]
    private let first: Vector3
    private let second: Vector3
    private let third: Vector3
    private let mean: Vector3
    private let frequency: Float
    private let cosine: Float
    private let sine: Float
    private let grain: Float
    private let seed: UInt32
    /// Size of a sample in pattern repeats; patterns near the sampling limit fade to their mean.
    private let footprint: Float
    private let presence: Float
    private let grainPresence: Float
    private let bands: [(start: Float, end: Float, colour: Int)]
    private let motifs: [Motif]

    private struct Motif {
        var form: UInt32
        var centre: SIMD2<Float>
        var size: Float
        var colour: Vector3
        var cosine: Float
        var sine: Float
    }

    /// - Parameter sampleSize: distance between samples, in eye distances.
    init(_ texture: MaskTexture, sampleSize: Float) {
        pattern = texture.pattern
        colours = texture.colours.map(\.linear)
        first = colours.first ?? Vector3(repeating: 0.5)
        second = colours.count > 1 ? colours[1] : first * 0.5 + Vector3(repeating: 0.2)
        third = colours.count > 2 ? colours[2] : mix(first, second, 0.5)
        mean = mix(first, second, pattern == .dots ? 0.25 : 0.45)
        let scale = Float(max(texture.scale, 0.01))
        frequency = 1 / scale
        let angle = Float(texture.angle) * .pi / 180
        cosine = cos(angle)
        sine = sin(angle)
        grain = Float(texture.grain)
        seed = UInt32(truncatingIfNeeded: texture.seed ^ (texture.seed >> 32))
        footprint = sampleSize * frequency
        presence = 1 - smoothstep(0.3, 0.6, sampleSize * frequency)
        grainPresence = 1 - 0.75 * smoothstep(0.01, 0.05, sampleSize)
        var random = MaskRandom(seed: texture.seed)
        var made: [(start: Float, end: Float, colour: Int)] = []
        for _ in 0..<4 {
            let start = Float(random.uniform(0, 0.85))
            made.append((start, start + Float(random.uniform(0.04, 0.22)), Int(random.uniform(1, 3.99))))
        }
        bands = made
        motifs = pattern == .logo ? Self.motifs(&random, second, third) : []
    }

    private static func motifs(_ random: inout MaskRandom, _ second: Vector3, _ third: Vector3) -> [Motif] {
        var out: [Motif] = []
        // Small print at one side, one large emblem, or a scatter.
        let layout = random.uniform(0, 1)
        let count = layout < 0.4 ? 1 : layout < 0.75 ? 2 : 6
        let form = UInt32(random.uniform(0, 6.99))
        for index in 0..<count {
            let side: Double = random.chance(0.5) ? 1 : -1
            let centre =
                layout < 0.4 || (layout < 0.75 && index == 0)
                ? SIMD2(Float(side * random.uniform(0.35, 0.75)), Float(random.uniform(0.7, 1.25)))
                : layout < 0.75
                    ? SIMD2(Float(random.normal(0, 0.06)), Float(random.uniform(0.8, 1.1)))
                    : SIMD2(Float(random.uniform(-0.9, 0.9)), Float(random.uniform(0.3, 1.6)))
            let size =
                layout < 0.4
                ? random.uniform(0.12, 0.24)
                : layout < 0.75 && index == 1 ? random.uniform(0.25, 0.6) : random.uniform(0.1, 0.2)
            let angle = Float(random.normal(0, 0.15))
            out.append(
                Motif(
                    form: layout < 0.4 ? 0 : (form &+ UInt32(index)) % 7, centre: centre, size: Float(size),
                    colour: random.chance(0.7) ? second : third,
                    cosine: cos(angle), sine: sin(angle)))
        }
        return out
    }

    /// - Parameters:
    ///   - s, t: place on the fabric, eye distances.
    ///   - u, v: place on the mask.
    @inline(__always) func colour(s: Float, t: Float, u: Float, v: Float) -> Vector3 {
        var c: Vector3
        switch pattern {
        case .plain: c = first
        case .melange:
            let n = NoiseLattice.value(s * 34, t * 90, seed: seed)
            c = mix(first, mix(first, second, smoothstep(0.35, 0.8, n)), 0.35 + 0.65 * grainPresence)
        case .gradient:
            let along = sine * (u * 0.5 + 0.5) + cosine * v
            let k = clamp(along, 0, 1) * 2
            c = k < 1 ? mix(first, second, k) : mix(second, third, k - 1)
        case .tieDye:
            let w = 0.5 * NoiseLattice.cloud(s * 2.2, t * 2.2, seed: seed)
            let r = ((s * s + (t - 0.8) * (t - 0.8)).squareRoot() + w) * frequency * 0.35
            let k = 3 * (r - r.rounded(.down))
            c = k < 1 ? mix(first, second, k) : k < 2 ? mix(second, third, k - 1) : mix(third, first, k - 2)
        case .camouflage:
            let a = NoiseLattice.cloud(s * frequency, t * frequency * 1.4, seed: seed)
            let b = NoiseLattice.cloud(s * frequency + 31, t * frequency * 1.4 - 17, seed: seed &+ 9)
            c = first
            let edge = 0.02 + 0.3 * footprint
            c = mix(c, second, smoothstep(0.52 - edge, 0.52 + edge, a))
            c = mix(c, third, smoothstep(0.58 - edge, 0.58 + edge, b))
            if colours.count > 3 {
                c = mix(c, colours[3], smoothstep(0.62 - edge, 0.62 + edge, 1 - a * 0.5 - b * 0.5 + 0.12))
            }
        case .stripes, .dots, .checks, .tartan, .floral, .geometric:
            let x = (cosine * s + sine * t) * frequency
            let y = (cosine * t - sine * s) * frequency
            c = mix(mean, periodic(x, y), presence)
        case .logo:
            c = first
            for m in motifs {
                let dx = (s - m.centre.x) / m.size
                let dy = (t - m.centre.y) / m.size
                guard abs(dx) < 1.1, abs(dy) < 1.1 else { continue }
                let edge = max(0.03, 0.7 * footprint / (frequency * m.size))
                let k = Self.emblem(
                    m.form, m.cosine * dx + m.sine * dy, m.cosine * dy - m.sine * dx, edge, seed)
                c = mix(c, m.colour, k)
            }
        }
        if grain * grainPresence > 0.12 {
            c *=
                1 + 0.30 * grain * grainPresence * (NoiseLattice.value(s * 55, t * 55, seed: seed &+ 5) - 0.5)
        }
        return c
    }

    @inline(__always) private func periodic(_ x: Float, _ y: Float) -> Vector3 {
        let fx = x - x.rounded(.down)
        let fy = y - y.rounded(.down)
        let edge = 0.02 + 0.6 * footprint
        switch pattern {
        case .stripes:
            let k = smoothstep(0.5 - edge, 0.5 + edge, fx) - smoothstep(1 - 2 * edge, 1, fx)
            let alternate = colours.count > 2 && (Int32(clamp(x, -1e6, 1e6).rounded(.down)) & 1) == 1
            return mix(first, alternate ? third : second, k)
        case .dots:
            let shifted = (Int32(clamp(y, -1e6, 1e6).rounded(.down)) & 1) == 1 ? fx - 0.5 : fx
            let dx = (shifted < 0 ? shifted + 1 : shifted) - 0.5
            let r = (dx * dx + (fy - 0.5) * (fy - 0.5)).squareRoot()
            return mix(second, first, smoothstep(0.27 - edge, 0.27 + edge, r))
        case .checks:
            let a = smoothstep(0.5 - edge, 0.5 + edge, fx) - smoothstep(1 - 2 * edge, 1, fx)
            let b = smoothstep(0.5 - edge, 0.5 + edge, fy) - smoothstep(1 - 2 * edge, 1, fy)
            return mix(first, second, 0.5 * (a + b))
        case .tartan:
            var c = first
            for band in bands {
                let colour =
                    band.colour == 1
                    ? second : band.colour == 2 ? third : colours.count > 3 ? colours[3] : second
                let a =
                    smoothstep(band.start - edge, band.start + edge, fx)
                    - smoothstep(band.end - edge, band.end + edge, fx)
                let b =
                    smoothstep(band.start - edge, band.start + edge, fy)
                    - smoothstep(band.end - edge, band.end + edge, fy)
                c = mix(c, colour, 0.5 * a)
                c = mix(c, colour, 0.5 * b)
            }
            return c
        case .geometric:
            // Chevrons.
            let z = y + abs(fx - 0.5)
            let f = z - z.rounded(.down)
            let k = smoothstep(0.5 - edge, 0.5 + edge, f) - smoothstep(1 - 2 * edge, 1, f)
            let alternate = colours.count > 2 && (Int32(clamp(z, -1e6, 1e6).rounded(.down)) & 1) == 1
            return mix(first, alternate ? third : second, k)
        default: return flowers(x, y)
        }
    }

    /// One flower or leaf per lattice cell, jittered; the four nearest cells can reach a point.
    @inline(__always) private func flowers(_ x: Float, _ y: Float) -> Vector3 {
        var c = first
        let bx = Int32(clamp((x - 0.5).rounded(.down), -1e6, 1e6))
        let by = Int32(clamp((y - 0.5).rounded(.down), -1e6, 1e6))
        let edge = 0.05 + 0.8 * footprint
        for j in 0...1 {
            for i in 0...1 {
                let cx = bx + Int32(i)
                let cy = by + Int32(j)
                let h = NoiseLattice.hash(cx, cy, seed: seed)
                let dx = x - Float(cx) - 0.5 - (Float(h & 0xFF) / 255 - 0.5) * 0.5
                let dy = y - Float(cy) - 0.5 - (Float(h >> 8 & 0xFF) / 255 - 0.5) * 0.5
                let r2 = dx * dx + dy * dy
                let size = 0.22 + 0.22 * Float(h >> 16 & 0xFF) / 255
                guard r2 < size * size * 1.5 else { continue }
                let r = max(r2.squareRoot(), 1e-4)
                let nx = dx / r
                let ny = dy / r
                // cos 5θ by Chebyshev's polynomial; every third plant is a two-lobed leaf.
                let petals =
                    h >> 24 & 3 == 0
                    ? 0.35 + 0.65 * (2 * nx * ny) * (2 * nx * ny)
                    : 0.72 + 0.28 * (16 * nx * nx * nx * nx * nx - 20 * nx * nx * nx + 5 * nx)
                let inside = 1 - smoothstep(size * petals - edge * 0.4, size * petals + edge * 0.4, r)
                let tint =
                    h >> 26 & 1 == 0 ? second : (h >> 27 & 1 == 0 || colours.count < 4 ? third : colours[3])
                c = mix(c, tint, inside)
                c = mix(c, first, 0.8 * (1 - smoothstep(size * 0.2, size * 0.2 + edge, r)))
            }
        }
        return c
    }

    /// Coverage of an emblem at (x, y) in -1…1.
    private static func emblem(_ form: UInt32, _ x: Float, _ y: Float, _ edge: Float, _ seed: UInt32) -> Float
    {
        func inside(_ distance: Float) -> Float { 1 - smoothstep(-edge, edge, distance) }
        let r = (x * x + y * y).squareRoot()
        switch form {
        case 0:  // lines of print
            let line = ((y + 1) * 2.5).rounded(.down)
            let f = (y + 1) * 2.5 - line
            let letter = NoiseLattice.value((x + 1) * 9, line * 5.3, seed: seed)
            let length = 0.55 + 0.45 * NoiseLattice.unit(NoiseLattice.hash(Int32(line), 3, seed: seed))
            return abs(x) < length && abs(y) < 0.95
                ? inside(abs(f - 0.5) - 0.26) * smoothstep(0.35, 0.5, letter) : 0
        case 1: return inside(r - 0.8)
        case 2: return inside(abs(r - 0.7) - 0.14)
        case 3:  // cross
            return inside(min(abs(x + y), abs(x - y)) * 0.7 - 0.12) * inside(r - 0.95)
        case 4:  // star
            let angle = atan2(x, -y)
            let k = angle / (2 * .pi) * 5
            let f = abs(k - k.rounded()) * 2
            return inside(r - mix(0.95, 0.4, f))
        case 5:  // grin
            let lip =
                inside(abs(y - 0.5 * (1 - x * x) + 0.25) - 0.12 * (1 - x * x) - 0.03) * inside(abs(x) - 0.95)
            return lip
        default:  // heart
            let px = abs(x)
            let py = -y + 0.25 - 0.75 * px * (1 - px * 0.5)
            return inside((px * px + py * py).squareRoot() - 0.7)
        }
    }
}
