import Faces
import Foundation
import Imaging
import Training

/// How training faces vary: masks, alignment, light, and the quality of the photo.
public struct FaceAugmentation: Codable, Sendable, Equatable {
    /// Largest rotation of the alignment in degrees, either way.
    public var rotation = 5.0
    /// Largest relative change of scale.
    public var scale = 0.06
    /// Largest shift in pixels of a 128-pixel crop.
    public var shift = 4.0
    /// Largest relative change of brightness of each colour (casts) and of all together.
    public var cast = 0.08
    public var exposure = 0.15
    /// Share of the faces whose input is blurred, compressed or noisy; the target stays clean.
    public var degraded = 0.35
    public var mirrored = 0.5

    public init() {}

    /// Masks only: nothing else changes.
    public static var none: FaceAugmentation {
        var still = FaceAugmentation()
        still.rotation = 0
        still.scale = 0
        still.shift = 0
        still.cast = 0
        still.exposure = 0
        still.degraded = 0
        still.mirrored = 0
        return still
    }

    /// The truth, what the encoder sees, and the mask's alpha; [3, s, s], [3, s, s], [1, s, s] in 0…1.
    public struct Example: Sendable {
        public var clean: FloatImage
        public var input: FloatImage
        public var alpha: FloatImage
    }

    /// Makes one example; the same arguments give the same one.
    /// - Parameter maskShare: probability of a mask.
    public func example(_ face: FloatImage, landmarks: FiveLandmarks, maskShare: Double, seed: UInt64) throws
        -> Example
    {
        var random = SampleRandom(seed: seed)
        let unit = Double(face.width) / 128
        let angle = random.uniform(-rotation, rotation) * .pi / 180
        let zoom = 1 + random.uniform(-scale, scale)
        let centre = Point(Double(face.width - 1) / 2, Double(face.height - 1) / 2)
        let target = centre + Point(random.uniform(-shift, shift), random.uniform(-shift, shift)) * unit
        let (c, s) = (zoom * cos(angle), zoom * sin(angle))
        let map = AffineTransform2D(
            a: c, b: -s, c: target.x - c * centre.x + s * centre.y, d: s, e: c,
            f: target.y - s * centre.x - c * centre.y)
        var clean = try face.warped(by: map)
        let gain = 1 + random.uniform(-exposure, exposure)
        let plane = clean.width * clean.height
        for channel in 0..<3 {
            let factor = Float(gain * (1 + random.uniform(-cast, cast)))
            for i in (channel * plane)..<((channel + 1) * plane) {
                clean.data[i] = min(1, clean.data[i] * factor)
            }
        }
        var input = clean
        var alpha = FloatImage(width: clean.width, height: clean.height, channels: 1)
        if random.chance(maskShare) {
            let points = landmarks.applying(map).points
            let style = MaskStyle.random(using: &random)
            let masked = try MaskSynthesizer().wear(
                style, on: clean, landmarks: FaceLandmarks468(fivePoints: points), seed: random.next())
            input = masked.image
            // Straps are part of what must go.
            alpha = masked.alphaWithStraps
        }
        if random.chance(degraded) { input = try degrade(input, unit: unit, using: &random) }
        if random.chance(mirrored) {
            return Example(
                clean: clean.flippedHorizontally(), input: input.flippedHorizontally(),
                alpha: alpha.flippedHorizontally())
        }
        return Example(clean: clean, input: input, alpha: alpha)
    }

    private func degrade(_ image: FloatImage, unit: Double, using random: inout SampleRandom) throws
        -> FloatImage
    {
        var image = image
        if random.chance(0.5) { image = image.blurred(sigma: random.uniform(0.4, 1.6) * unit) }
        if random.chance(0.4) {
            let strength = Float(random.uniform(0.005, 0.03))
            for i in image.data.indices { image.data[i] += strength * Float(random.normal()) }
        }
        if random.chance(0.5) {
            let bytes = try image.image().encodeJPEG(quality: 30 + random.below(60))
            image = FloatImage(try Image.decode(bytes, name: "augmented face"))
        }
        return image
    }
}
