/// Colour of one sample of the mask.
struct MaskShader {
    private let texture: MaskTextureSampler
    private let relief: MaskRelief
    private let light: FaceLight
    private let trim: Vector3?
    private let trimWidth: Float
    private let valveColour: Vector3
    private let hasEarHoles: Bool
    private let columnHeight: Float

    init(
        _ style: MaskStyle, light: FaceLight, sampleSize: Float, valveCentre: SIMD2<Float>,
        columnHeight: Float, reliefSeed: UInt64
    ) {
        texture = MaskTextureSampler(style.texture, sampleSize: sampleSize)
        relief = MaskRelief(style, sampleSize: sampleSize, valveCentre: valveCentre, seed: reliefSeed)
        self.light = light
        trim = style.trim?.linear
        trimWidth = Float(style.shape.hem)
        valveColour = style.valve?.colour.linear ?? .zero
        hasEarHoles = style.shape.earHoles
        self.columnHeight = columnHeight
    }

    /// Whether the fabric is cut out here for the ear.
    @inline(__always) func isHole(_ u: Float, _ v: Float) -> Bool {
        guard hasEarHoles, abs(u) > 0.58 else { return false }
        let x = (abs(u) - 0.81) / 0.19
        let y = (v - 0.50) / (0.30 + 0.08 * x)
        return x * x + y * y < 1 || abs(u) > 0.985
    }

    /// Encoded colour for a vertex's attributes.
    @inline(__always) func colour(_ a: SIMD8<Float>) -> Vector3 {
        let u = a[0]
        let v = a[1]
        let s = a[2]
        let t = a[3]
        // Height of the fabric's column at this place.
        let height = v > 0.15 ? t / v : columnHeight
        let r = relief.value(u: u, v: v, s: s, t: t, height: height)
        var albedo = texture.colour(s: s, t: t, u: u, v: v)
        if let trim {
            let edge = min(v * height, (1 - v) * height, (1 - abs(u)) * 1.3)
            if edge < trimWidth { albedo = trim }
        }
        let valve = relief.valveShare(s: s, t: t)
        if valve > 0 { albedo = mix(albedo, valveColour, valve) }
        albedo *= a[7]
        let shade = max(a[4] + a[5] * r.slopeS + a[6] * r.slopeT, 0.08) * r.open
        return light.encode(albedo * shade)
    }
}

extension FaceLight {
    /// Linear reflected colour to encoded picture values: exposure, the light's colour, the photo's saturation, highlights that roll off
    /// and the photo's black level.
    @inline(__always) func encode(_ reflected: Vector3) -> Vector3 {
        let grey = Vector3(repeating: luminance(reflected))
        var c = mix(grey, reflected, saturation) * colour * level
        // Straight up to 0.7, then towards 1.
        @inline(__always) func rolled(_ x: Float) -> Float {
            x <= 0.7 ? max(x, 0) : 0.7 + (x - 0.7) / (1 + (x - 0.7) / 0.28)
        }
        c = Vector3(rolled(c.x), rolled(c.y), rolled(c.z))
        let e = c.squareRoot()
        return Vector3(repeating: black * 0.8) + e * (1 - black * 0.8)
    }
}
