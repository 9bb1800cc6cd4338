import Foundation

/// Fine structure drawn per sample: pleats, seams, hems, nose wire, welds, valve. Gives slopes for the light and a factor for light that
/// crevices lose.
struct MaskRelief {
    struct Value {
        var slopeS: Float = 0
        var slopeT: Float = 0
        var open: Float = 1
    }

    private let shape: MaskShape
    private let kind: MaskKind
    private let sampleSize: Float
    private let pleats: [Float]
    private let valve: MaskValve?
    private let valveCentre: SIMD2<Float>
    private let hasSideHem: Bool

    init(_ style: MaskStyle, sampleSize: Float, valveCentre: SIMD2<Float>, seed: UInt64) {
        shape = style.shape
        kind = style.kind
        self.sampleSize = sampleSize
        valve = style.valve
        self.valveCentre = valveCentre
        var random = MaskRandom(seed: seed)
        let n = max(style.shape.pleats, 0)
        pleats = (0..<n).map { Float((Double($0) + 1) / Double(n + 1) + random.uniform(-0.03, 0.03)) }
        hasSideHem =
            style.shape.hem > 0 && !style.shape.earHoles && style.kind != .gaiter && style.kind != .bandana
    }

    /// A crease of physical width `width` keeps its darkness when a sample is wider.
    @inline(__always) private func crease(_ distance: Float, _ width: Float) -> Float {
        let w = max(width, 0.8 * sampleSize)
        if abs(distance) > 6 * w { return 0 }
        return bell(distance, w) * (width / w)
    }

    /// - Parameters:
    ///   - height: length of the fabric's column here, to turn v into lengths.
    @inline(__always) func value(u: Float, v: Float, s: Float, t: Float, height: Float) -> Value {
        var out = Value()
        for line in pleats {
            // Folds open in the middle and close at the sides.
            let bowed = 0.5 + (line - 0.5) * (1 - 0.10 * u * u)
            let d = (v - bowed) * height
            if abs(d) > 0.3 { continue }
            if d > -0.02 {
                // Shadow under the fold's lip.
                out.open *= 1 - 0.30 * crease(d - 0.012, 0.022)
            }
            // The lip catches light.
            out.slopeT -= 0.50 * crease(d + 0.03, 0.03)
            out.slopeT += 0.55 * crease(d, 0.018)
        }
        let hem = Float(shape.hem)
        if hem > 0 {
            let fromTop = v * height
            let fromBottom = (1 - v) * height
            out.open *= 1 - 0.16 * crease(fromTop - hem, 0.012) - 0.16 * crease(fromBottom - hem, 0.012)
            out.slopeT += 0.4 * (crease(fromBottom, 0.02) - crease(fromTop, 0.02))
            if hasSideHem {
                let fromSide = (1 - abs(u)) * 1.3
                out.open *= 1 - 0.18 * crease(fromSide - hem * 1.1, 0.014)
                out.slopeS += (u > 0 ? 0.4 : -0.4) * crease(fromSide, 0.025)
                if kind == .surgical || kind == .kn95, fromSide < hem * 1.1 {
                    // Ultrasonic welds: rows of dots.
                    let f = t * 14
                    let dot = abs(f - f.rounded()) * 2
                    out.open *=
                        1 - 0.12 * (1 - smoothstep(0.02, 0.08, sampleSize)) * (1 - smoothstep(0.2, 0.6, dot))
                }
            }
            if kind == .cloth {
                // Stitches.
                let f = s * 22
                let stitch = abs(f - f.rounded()) * 2
                let visible = 1 - smoothstep(0.008, 0.03, sampleSize)
                out.open *=
                    1 - 0.25 * visible * crease(fromTop - hem * 0.8, 0.008) * smoothstep(0.3, 0.5, stitch)
                out.open *=
                    1 - 0.25 * visible * crease(fromBottom - hem * 0.8, 0.008) * smoothstep(0.3, 0.5, stitch)
            }
        }
        if shape.noseWire, abs(s) < 0.55 {
            let fade = 1 - smoothstep(0.35, 0.55, abs(s))
            let d = v * height - max(hem * 0.55, 0.05)
            out.slopeT += 0.9 * fade * (crease(d - 0.025, 0.018) - crease(d + 0.025, 0.018))
            out.open *= 1 - 0.06 * fade * crease(d - 0.05, 0.02)
        }
        if shape.seam {
            out.open *= 1 - 0.22 * crease(s, 0.012)
            out.slopeS += 0.35 * (crease(s - 0.025, 0.02) - crease(s + 0.025, 0.02))
        }
        if shape.ridge > 0 {
            out.open *= 1 - 0.10 * crease(s, 0.010)
            // Diagonal weld lines of folded respirators.
            let d = (1 - abs(u)) * 1.2 - 0.16 - 0.25 * abs(v - 0.5)
            out.open *= 1 - 0.10 * crease(d, 0.010)
        }
        if shape.dome > 0 {
            let rho = max(abs(u), abs(2 * v - 1) * (0.9 + 0.1 * abs(u)))
            out.open *= 1 - 0.14 * crease((1 - rho) - 0.09, 0.016)
        }
        if let valve { addValve(valve, s, t, &out) }
        return out
    }

    @inline(__always) private func addValve(_ valve: MaskValve, _ s: Float, _ t: Float, _ out: inout Value) {
        let radius = Float(valve.radius)
        let dx = s - valveCentre.x
        let dy = t - valveCentre.y
        let r = max((dx * dx + dy * dy).squareRoot(), 1e-4)
        guard r < radius * 1.5 else { return }
        let wall = crease(r - radius, radius * 0.14)
        out.slopeS += 1.1 * wall * dx / r
        out.slopeT += 1.1 * wall * dy / r
        out.open *= 1 - 0.35 * crease(r - radius * 1.1, radius * 0.12)
        if r < radius * 0.8 {
            // Slits.
            let f = dy / radius * 3.2
            out.open *=
                1 - 0.30 * (1 - smoothstep(0.12, 0.3, abs(f - f.rounded())))
                * (1 - smoothstep(0.03, 0.09, sampleSize))
        }
    }

    /// 1 on the valve's plastic.
    @inline(__always) func valveShare(s: Float, t: Float) -> Float {
        guard let valve else { return 0 }
        let dx = s - valveCentre.x
        let dy = t - valveCentre.y
        let radius = Float(valve.radius)
        return 1
            - smoothstep(
                radius - sampleSize * 0.5, radius + sampleSize * 0.5, (dx * dx + dy * dy).squareRoot())
    }
}
