import Faces
import Foundation
import Imaging
import Training

/// How training faces vary: alignment, light, masks, things in front of the face, and the quality of the photo. Shares are
/// probabilities, 0…1; 0 leaves the change out.
public struct FaceAugmentation: Codable, Sendable, Equatable {
    /// Largest rotation of the alignment in degrees, either way.
    public var rotation = 5.0
    /// Largest relative change of scale.
    public var scale = 0.06
    /// Largest shift in pixels of a 128-pixel crop.
    public var shift = 4.0
    public var mirrored = 0.5

    /// Largest relative change of brightness of each colour (casts) and of all together.
    public var cast = 0.08
    public var exposure = 0.15
    /// Share of the faces under coloured light, and its largest relative change of each colour.
    public var tinted = 0.08
    public var tint = 0.3
    /// Share of the faces in black and white.
    public var grey = 0.02

    /// Share of the masks that have slipped: three of four below the nose, the others below the chin.
    public var slipped = 0.1
    /// Share of the masks that are of the rarer kinds: respirators with their valves, gaiters and bandanas. The others are drawn as often
    /// as people wear them.
    public var rare = 0.0
    /// Share of the masks whose ground is of any colour, every third in the hues from skin to yellow, whatever their kind is sold in:
    /// what looks like skin is found last.
    public var recoloured = 0.0
    /// Share of the masks with a print that is cut out of a photo.
    public var printed = 0.0
    /// Share of the masks with a valve of any colour, whatever their kind is sold with.
    public var valved = 0.0
    /// Share of the masks that are fitted to the face's mesh, where the data has one, and not to five points.
    public var meshed = 0.75
    /// Share of the faces, with mask or without, with a hand, a microphone or another thing before the lower face. It is no part of
    /// the mask: the true alpha is what of the mask can be seen, and the true face is the one without either.
    public var occluded = 0.1

    /// Share of the faces whose input is of poor quality; the target stays clean. The following are shares of these.
    public var degraded = 0.35
    public var lowResolution = 0.25
    public var blurred = 0.5
    public var noisy = 0.4
    public var compressed = 0.5

    public init() {}

    /// Masks only, of the usual kinds: nothing else changes.
    public static var none: FaceAugmentation {
        var still = FaceAugmentation()
        (still.rotation, still.scale, still.shift, still.mirrored) = (0, 0, 0, 0)
        (still.cast, still.exposure, still.tinted, still.grey) = (0, 0, 0, 0)
        (still.occluded, still.degraded) = (0, 0)
        return still
    }

    /// The truth, what the encoder sees, and the mask's alpha; [3, s, s], [3, s, s], [1, s, s] in 0…1.
    public struct Example: Sendable {
        public var clean: FloatImage
        public var input: FloatImage
        public var alpha: FloatImage
        /// The true landmarks, in pixels.
        public var landmarks: FiveLandmarks
    }

    /// Makes one example; the same arguments give the same one. Each kind of change has a seed of its own, so that one setting does
    /// not alter what the others draw.
    /// - Parameters:
    ///   - face: [3, s, s], 0…1.
    ///   - landmarks, mesh: in its pixels.
    ///   - maskShare: probability of a mask.
    public func example(
        _ face: FloatImage, landmarks: FiveLandmarks, mesh: FaceLandmarks468? = nil, maskShare: Double,
        seed: UInt64
    ) throws -> Example {
        var seeds = SampleRandom(seed: seed)
        func random() -> SampleRandom { SampleRandom(seed: seeds.next()) }
        var (place, light, wear, thing, quality) = (random(), random(), random(), random(), random())
        let unit = Double(face.width) / 128

        let map = placement(width: face.width, height: face.height, unit: unit, using: &place)
        let isMirrored = place.chance(mirrored)
        let clean = lit(try face.warped(by: map), using: &light)
        let landmarks = landmarks.applying(map)
        var input = clean
        var alpha = FloatImage(width: clean.width, height: clean.height, channels: 1)
        if wear.chance(maskShare) {
            (input, alpha) = try masked(clean, landmarks, mesh: mesh?.applying(map), using: &wear)
        }
        if thing.chance(occluded) {
            let front = FaceOccluder.random(for: landmarks, on: clean, seed: thing.next()).draw(on: input)
            input = front.image
            for i in alpha.data.indices { alpha.data[i] *= 1 - front.alpha.data[i] }
        }
        if quality.chance(degraded) { input = try degrade(input, unit: unit, using: &quality) }
        guard isMirrored else {
            return Example(clean: clean, input: input, alpha: alpha, landmarks: landmarks)
        }
        return Example(
            clean: clean.flippedHorizontally(), input: input.flippedHorizontally(),
            alpha: alpha.flippedHorizontally(), landmarks: landmarks.flippedHorizontally(width: clean.width))
    }

    private func placement(width: Int, height: Int, unit: Double, using random: inout SampleRandom)
        -> AffineTransform2D
    {
        let angle = random.uniform(-rotation, rotation) * .pi / 180
        let zoom = 1 + random.uniform(-scale, scale)
        let centre = Point(Double(width - 1) / 2, Double(height - 1) / 2)
        let target = centre + Point(random.uniform(-shift, shift), random.uniform(-shift, shift)) * unit
        return .turning(by: angle, scale: zoom, taking: centre, to: target)
    }

    private func lit(_ face: FloatImage, using random: inout SampleRandom) -> FloatImage {
        var face = face
        let plane = face.width * face.height
        let gain = 1 + random.uniform(-exposure, exposure)
        let (isTinted, isGrey) = (random.chance(tinted), random.chance(grey))
        if isGrey {
            for i in 0..<plane {
                let value =
                    0.299 * face.data[i] + 0.587 * face.data[plane + i] + 0.114 * face.data[2 * plane + i]
                for channel in 0..<3 { face.data[channel * plane + i] = value }
            }
        }
        let range = isGrey ? 0 : isTinted ? tint : cast
        for channel in 0..<3 {
            let factor = Float(gain * (1 + random.uniform(-range, range)))
            for i in (channel * plane)..<((channel + 1) * plane) {
                face.data[i] = min(1, face.data[i] * factor)
            }
        }
        return face
    }

    private func masked(
        _ face: FloatImage, _ landmarks: FiveLandmarks, mesh: FaceLandmarks468?,
        using random: inout SampleRandom
    ) throws -> (image: FloatImage, alpha: FloatImage) {
        let look = random.next()
        var choice = SampleRandom(seed: look)
        var style = MaskStyle.random(
            seed: look, kinds: choice.chance(rare) ? [.n95, .gaiter, .bandana] : MaskStyle.usualKinds)
        if choice.chance(recoloured), !style.texture.colours.isEmpty {
            style.texture.colours[0] = MaskColour(
                hue: choice.chance(1.0 / 3) ? choice.uniform(8, 60) : choice.uniform(0, 360),
                saturation: choice.uniform(0.1, 0.95), value: choice.uniform(0.25, 1))
        }
        if choice.chance(valved) {
            style.valve = MaskValve(
                across: choice.uniform(-0.5, 0.5), down: choice.uniform(0.35, 0.75),
                radius: choice.uniform(0.1, 0.26),
                colour: MaskColour(
                    hue: choice.uniform(0, 360), saturation: choice.uniform(0, 0.9),
                    value: choice.uniform(0.05, 1)))
        }
        let print = choice.chance(printed) ? MaskPrint(side: face.width, using: &choice) : nil
        let hasSlipped = random.chance(slipped)
        style.fit.position = hasSlipped ? (random.chance(0.75) ? .belowNose : .belowChin) : .normal
        let usesMesh = random.chance(meshed)
        let points = usesMesh ? mesh : nil
        let worn = try MaskSynthesizer().wear(
            style, on: face, landmarks: points ?? FaceLandmarks468(fivePoints: landmarks.points),
            seed: random.next())
        // Straps are part of what must go.
        return (try print?.draw(on: worn, photo: face) ?? worn.image, worn.alphaWithStraps)
    }

    private func degrade(_ image: FloatImage, unit: Double, using random: inout SampleRandom) throws
        -> FloatImage
    {
        var image = image
        if random.chance(lowResolution) {
            let factor = random.uniform(1.5, 4)
            let (width, height) = (image.width, image.height)
            image = try image.resized(
                width: max(8, Int(Double(width) / factor)), height: max(8, Int(Double(height) / factor))
            ).resized(width: width, height: height, filter: .bicubic)
        }
        if random.chance(blurred) { image = image.blurred(sigma: random.uniform(0.4, 1.6) * unit) }
        if random.chance(noisy) {
            let strength = Float(random.uniform(0.005, 0.03))
            for i in image.data.indices { image.data[i] += strength * Float(random.normal()) }
        }
        if random.chance(compressed) {
            image = FloatImage(try image.image().jpegRoundTrip(quality: 30 + random.below(60)))
        }
        return image.clamped()
    }
}
