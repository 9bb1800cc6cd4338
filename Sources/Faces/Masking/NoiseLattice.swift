/// Value noise: random numbers on an integer lattice, smoothly interpolated.
enum NoiseLattice {
    /// A well-mixed 32-bit number for a lattice point.
    @inline(__always) static func hash(_ x: Int32, _ y: Int32, seed: UInt32) -> UInt32 {
        var h = seed &+ UInt32(bitPattern: x) &* 0x9E37_79B1 &+ UInt32(bitPattern: y) &* 0x85EB_CA77
        h ^= h >> 15
        h = h &* 0x2C1B_3C6D
        h ^= h >> 12
        h = h &* 0x297A_2D39
        return h ^ (h >> 15)
    }

    @inline(__always) static func unit(_ h: UInt32) -> Float { Float(h >> 8) * 0x1p-24 }

    /// 0…1; one lattice cell per unit.
    @inline(__always) static func value(_ x: Float, _ y: Float, seed: UInt32) -> Float {
        let fx = x.rounded(.down)
        let fy = y.rounded(.down)
        let i = Int32(clamp(fx, -1e9, 1e9))
        let j = Int32(clamp(fy, -1e9, 1e9))
        let tx = smooth(x - fx)
        let ty = smooth(y - fy)
        let a = mix(unit(hash(i, j, seed: seed)), unit(hash(i &+ 1, j, seed: seed)), tx)
        let b = mix(unit(hash(i, j &+ 1, seed: seed)), unit(hash(i &+ 1, j &+ 1, seed: seed)), tx)
        return mix(a, b, ty)
    }

    /// Two octaves, 0…1.
    @inline(__always) static func cloud(_ x: Float, _ y: Float, seed: UInt32) -> Float {
        0.68 * value(x, y, seed: seed) + 0.32 * value(2.1 * x + 7, 2.1 * y + 3, seed: seed &+ 77)
    }

    @inline(__always) private static func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}
