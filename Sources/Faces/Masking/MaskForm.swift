import Foundation

/// The mask's surface over the mean head: from (u, v) on the fabric to azimuth, height and radius.
struct MaskForm {
    private let shape: MaskShape
    private let side: Float
    private let topCentre: Float
    private let topSide: Float
    private let bottomCentre: Float
    private let bottomSide: Float
    private let turn: Float
    private let shift: Float
    private let wrinkles: [(direction: SIMD2<Float>, phase: Float, amplitude: Float)]
    private let noiseSeed: UInt32

    init(_ style: MaskStyle, wrinkleSeed: UInt64) {
        shape = style.shape
        let fit = style.fit
        let scale = Float(fit.scale)
        let rise = Float(fit.rise)
        // Scaled about the mouth's upper side.
        func scaled(_ y: Double) -> Float { 0.9 + (Float(y) - 0.9) * scale - rise }
        side = min(Float(shape.sideAngle) * (shape.earHoles ? 1 : scale), 112) * .pi / 180
        let slipped = max(0, Float(shape.topSide - 0.44))
        switch fit.position {
        case .normal:
            topCentre = scaled(shape.topCentre)
            topSide = scaled(shape.topSide)
            bottomCentre = scaled(shape.bottomCentre)
            bottomSide = scaled(shape.bottomSide)
        case .belowNose:
            // Held by the upper lip; the surplus hangs below the chin.
            topCentre = 0.72 - rise
            topSide = 0.78 + slipped - rise
            bottomCentre = scaled(shape.bottomCentre) + 0.14
            bottomSide = max(scaled(shape.bottomSide) + 0.18, topSide + 0.25)
        case .belowChin:
            topCentre = 1.50 - rise
            topSide = 1.05 + slipped - rise
            bottomCentre = max(scaled(shape.bottomCentre) + 0.35, 2.1)
            bottomSide = max(scaled(shape.bottomSide) + 0.35, 1.6)
        }
        turn = tan(Float(fit.tilt) * .pi / 180)
        shift = Float(fit.shift)
        var random = MaskRandom(seed: wrinkleSeed)
        var waves: [(direction: SIMD2<Float>, phase: Float, amplitude: Float)] = []
        for _ in 0..<4 {
            let angle = Float(random.uniform(0, 2 * .pi))
            let frequency = Float(random.uniform(4, 11))
            waves.append(
                (
                    SIMD2(cos(angle), sin(angle)) * frequency, Float(random.uniform(0, 6.28)),
                    Float(shape.wrinkles * random.uniform(0.3, 1))
                ))
        }
        wrinkles = waves
        noiseSeed = UInt32(truncatingIfNeeded: random.next())
    }

    /// Height of the upper and lower edges at `u`.
    @inline(__always) func edges(_ u: Float) -> (top: Float, bottom: Float) {
        let a = abs(u)
        return (
            topCentre + (topSide - topCentre) * pow(a, Float(shape.topBow)),
            bottomCentre + (bottomSide - bottomCentre) * pow(a, Float(shape.bottomBow))
        )
    }

    func place(u: Float, v: Float, on surface: HeadSurface) -> (azimuth: Float, height: Float, radius: Float)
    {
        let (top, bottom) = edges(u)
        // The side edges of gathered fabric curve inwards.
        let gathered: Float = shape.pleats > 0 ? 1 - 0.035 * (1 - (2 * v - 1) * (2 * v - 1)) : 1
        let azimuth0 = u * side * gathered
        let height0 = top + (bottom - top) * v
        let azimuth = azimuth0 + shift * 0.8 - turn * (height0 - 0.9) * 0.7
        let height = height0 + turn * sin(azimuth0) * 1.2
        let skin = surface.face.radius(azimuth: azimuth, height: height)
        let taut = surface.hull.radius(azimuth: azimuth, height: height)
        let edge = min(v, 1 - v)
        // The wire presses the upper edge to the nose; without it fabric stands off a little.
        let pinch = (shape.noseWire ? 0.75 : 0.45) * expf(-(v * v) / 0.012) * expf(-azimuth * azimuth / 0.5)
        var radius = skin + max(0, taut - skin) * Float(shape.drape) * (1 - pinch) + 0.018
        let flat = 1 - u * u
        radius += Float(shape.puff) * 4 * v * (1 - v) * flat
        if shape.dome > 0 {
            // A cup: flat rim, then a steep wall and a rounded front.
            let rho = max(abs(u), abs(2 * v - 1) * (0.9 + 0.1 * abs(u)))
            let r2 = rho * rho
            radius +=
                Float(shape.dome)
                * (1
                    - smoothstep(
                        0.25, 0.97, (0.5 * (u * u + (2 * v - 1) * (2 * v - 1)) + 0.5 * r2).squareRoot()))
        }
        if shape.ridge > 0 {
            let down = 4 * v * (1 - v)
            radius +=
                Float(shape.ridge) * down.squareRoot() * max(0, 1 - abs(u) / 0.85)
                * (v < 0.5 ? down.squareRoot() : 1)
        }
        if shape.pleats > 0 {
            // Each fold lies over the next, so the sheet steps back a little below it.
            let n = Float(shape.pleats)
            let phase = v * (n + 1) - 0.5
            radius +=
                0.012 * (1 - (phase - phase.rounded(.down))) * smoothstep(0, 0.12, edge) * (0.4 + 0.6 * flat)
        }
        if shape.wrinkles > 0 {
            let p = SIMD2(u * side, height0)
            let warp = 2.2 * (NoiseLattice.value(p.x * 1.7, p.y * 1.7, seed: noiseSeed) - 0.5)
            var depth: Float = 0
            for w in wrinkles {
                depth += w.amplitude * sin(w.direction.x * p.x + w.direction.y * p.y + w.phase + 3 * warp)
            }
            // Folds run out from the corners, where the straps pull.
            let corner = abs(u) * abs(2 * v - 1)
            depth *= 0.45 + 1.1 * corner
            radius += depth * smoothstep(0, 0.1, edge) + 0.35 * depth * (1 - smoothstep(0, 0.1, edge))
        }
        return (azimuth, height, max(radius, skin + 0.012))
    }
}
