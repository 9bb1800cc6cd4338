import Foundation
import Imaging

/// The light on the face, read from the skin at the mesh points: a second-order spherical-harmonics fit of luminance against surface
/// normal (Ramamoorthi and Hanrahan 2001), a smooth field of what the fit leaves over (cast shadows), overall level and colour.
///
/// Colours are linear with gamma 2 (value = encoded²), cheap both ways and near enough to sRGB here.
struct FaceLight {
    /// Shading of a white surface relative to one that faces the camera; nine harmonics coefficients.
    private var harmonics: SIMD16<Float>
    private var shadows: HeadField?
    /// Linear luminance of a white surface of mean shading.
    var level: Float
    /// Colour of the light, luminance 1.
    var colour: Vector3
    /// Share of colour to keep: 0 for black-and-white and toned photos, whose tone is then `colour`.
    var saturation: Float
    /// Encoded value of the darkest parts.
    var black: Float

    /// A fixed light from above at the photo's level, for masks drawn without regard to the photo.
    mutating func becomeBaked() {
        harmonics = SIMD16(0.72, 0, -0.14, 0.30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        shadows = nil
        colour = mix(colour, .one, saturation)
    }

    /// No shading at all.
    mutating func becomeFlat() {
        becomeBaked()
        harmonics = .zero
        harmonics[0] = 1
    }

    /// Relative shading for a unit normal in viewing axes, and its gradient with respect to the normal.
    @inline(__always) func shade(_ n: Vector3) -> (value: Float, gradient: Vector3) {
        let h = harmonics
        let value =
            h[0] + h[1] * n.x + h[2] * n.y + h[3] * n.z + h[4] * n.x * n.y + h[5] * n.x * n.z + h[6] * n.y
            * n.z
            + h[7] * (n.x * n.x - n.y * n.y) + h[8] * (3 * n.z * n.z - 1)
        let gradient = Vector3(
            h[1] + h[4] * n.y + h[5] * n.z + 2 * h[7] * n.x, h[2] + h[4] * n.x + h[6] * n.z - 2 * h[7] * n.y,
            h[3] + h[5] * n.x + h[6] * n.y + 6 * h[8] * n.z)
        return (value, gradient)
    }

    /// Direction across the picture from which most light comes; length up to 1.
    var sideways: SIMD2<Float> {
        let d = SIMD2(harmonics[1] + harmonics[5], harmonics[2] + harmonics[6])
        let l = (d.x * d.x + d.y * d.y).squareRoot()
        return l > 1 ? d / l : d
    }

    /// Factor for cast shadows at a place of the head.
    @inline(__always) func shadow(azimuth: Float, height: Float) -> Float {
        shadows.map { clamp($0.value(azimuth: azimuth, height: height).x, 0.5, 1.5) } ?? 1
    }

    init(_ photo: PhotoSampler, _ landmarks: FaceLandmarks468, _ camera: FaceCamera) {
        let radius = max(0.5, Double(camera.scale) * 0.05)
        var colours: [Vector3?] = []
        for point in landmarks.points { colours.append(photo.linear(at: point, radius: radius)) }

        // Skin points that face the camera.
        var samples: [(index: Int, normal: Vector3, luminance: Float)] = []
        for (index, normal) in Self.normals.enumerated() where !CanonicalFace.notSkin.contains(index) {
            guard let c = colours[index] else { continue }
            let n = camera.view(normal)
            if n.z > 0.2 { samples.append((index, n, luminance(c))) }
        }
        let scene = photo.scene(around: landmarks.points)
        harmonics = .zero
        shadows = nil
        level = clamp(scene.bright, 0.05, 1.25)
        colour = scene.tone
        saturation = scene.saturation
        black = scene.black
        guard samples.count > 20 else {
            becomeBaked()
            return
        }
        let median = max(samples.map(\.luminance).sorted()[samples.count / 2], 0.002)
        let fit = Self.fitHarmonics(samples, median: median)
        let weights = fit.weights
        harmonics = fit.harmonics

        // What the harmonics leave over, with hair and beard held back by the robust weights.
        var ratios = [SIMD2<Float>](repeating: SIMD2(1, 1), count: 468)
        for (sample, weight) in zip(samples, weights) {
            let predicted = max(shade(sample.normal).value, 0.15) * median
            ratios[sample.index].x = mix(1, clamp(sample.luminance / predicted, 0.5, 1.6), 0.75 * weight)
        }
        var mean = Vector3.zero
        var total: Float = 0
        for (sample, weight) in zip(samples, weights) {
            mean += colours[sample.index].map { $0 * weight } ?? .zero
            total += weight
        }
        mean /= max(total, 1e-6)
        let skin = max(luminance(mean), 0.002)
        level = clamp((skin / 0.36 * max(scene.bright, skin)).squareRoot(), 1.2 * skin, 4.5 * skin)
        level = min(level, 1.25)

        // Skin under neutral light has about this colour; the deviation hints at the light's.
        let nominal = Vector3(1.55, 0.9, 0.62)
        let skinColour = mean / skin
        func pull(_ x: Float, _ reference: Float) -> Float {
            clamp(pow(max(x, 0.02) / reference, 0.35), 0.8, 1.25)
        }
        let cast = Vector3(
            pull(skinColour.x, nominal.x), pull(skinColour.y, nominal.y), pull(skinColour.z, nominal.z))
        let tone = mix(scene.tone, cast, saturation)
        colour = tone / max(luminance(tone), 1e-3)
        shadows = HeadField.shared(ratios)
    }

    /// Outward normals of the mean face at the mesh points.
    private static let normals: [Vector3] = CanonicalFace.points.map { p in
        let (azimuth, height, _) = HeadSurface.polar(p)
        return HeadSurface.shared.faceNormal(azimuth: azimuth, height: height)
    }

    /// Ridge regression, reweighted three times against outliers (Cauchy weights); normalised to 1 towards the camera.
    private static func fitHarmonics(
        _ samples: [(index: Int, normal: Vector3, luminance: Float)], median: Float
    ) -> (harmonics: SIMD16<Float>, weights: [Float]) {
        var weights = [Float](repeating: 1, count: samples.count)
        var solution = [Double](repeating: 0, count: 9)
        let prior: [Double] = [0.7, 0, -0.1, 0.3, 0, 0, 0, 0, 0]
        let stiffness: [Double] = [0.02, 0.02, 0.02, 0.05, 0.15, 0.15, 0.15, 0.15, 0.3]
        var rows = [Double](repeating: 1, count: 9 * samples.count)
        for (k, s) in samples.enumerated() {
            let n = (x: Double(s.normal.x), y: Double(s.normal.y), z: Double(s.normal.z))
            rows[9 * k + 1] = n.x
            rows[9 * k + 2] = n.y
            rows[9 * k + 3] = n.z
            rows[9 * k + 4] = n.x * n.y
            rows[9 * k + 5] = n.x * n.z
            rows[9 * k + 6] = n.y * n.z
            rows[9 * k + 7] = n.x * n.x - n.y * n.y
            rows[9 * k + 8] = 3 * n.z * n.z - 1
        }
        for _ in 0..<3 {
            var a = [Double](repeating: 0, count: 81)
            var b = [Double](repeating: 0, count: 9)
            for k in 0..<samples.count {
                let w = Double(weights[k])
                let y = Double(samples[k].luminance / median)
                for i in 0..<9 {
                    let wf = w * rows[9 * k + i]
                    for j in 0...i { a[i * 9 + j] += wf * rows[9 * k + j] }
                    b[i] += wf * y
                }
            }
            for i in 0..<9 {
                for j in 0..<i { a[j * 9 + i] = a[i * 9 + j] }
                a[i * 9 + i] += stiffness[i] * Double(samples.count)
                b[i] += stiffness[i] * Double(samples.count) * prior[i]
            }
            solution = solveSymmetric(a, b) ?? prior
            for k in 0..<samples.count {
                var predicted = 0.0
                for i in 0..<9 { predicted += rows[9 * k + i] * solution[i] }
                let error = Float(predicted) - samples[k].luminance / median
                weights[k] = 1 / (1 + (error / 0.25) * (error / 0.25))
            }
        }
        // Mean shading over what faces the camera becomes 1.
        let front = max(solution[0] + 0.9 * solution[3] + 1.5 * solution[8], 0.2)
        var harmonics = SIMD16<Float>.zero
        for (i, x) in solution.enumerated() { harmonics[i] = Float(x / front) }
        return (harmonics, weights)
    }
}
