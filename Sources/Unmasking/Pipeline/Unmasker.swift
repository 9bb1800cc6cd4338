import Faces
import Imaging
import NN
import Perceptual
import Torch

/// Photos in, photos without masks out: finds faces, aligns them, decides who wears a mask, recovers what it hides and blends it
/// back at the photo's resolution.
public final class Unmasker {
    public struct Settings: Codable, Sendable, Equatable {
        /// A face counts as masked when the mask covers at least this share of the aligned crop.
        public var minimumMaskShare = 0.06
        /// Alpha from which a pixel belongs to the mask.
        public var alphaThreshold = 0.5
        /// Gaps in the mask narrower than twice this, in pixels of the 128-pixel crop, belong to it: letters, valves and prints
        /// that the mask head takes for something else.
        public var closing = 5.0
        /// The mask's outline is widened by this many pixels of the 128-pixel crop, so that no rim remains.
        public var margin = 2.5
        /// Width of the soft edge in pixels of the 128-pixel crop.
        public var feather = 1.8
        /// Look at faces whose mask reaches the crop's border once more from farther away, and fill in what of the mask lies beyond the
        /// crop; costs a second pass of the networks. See `WideLook`.
        public var looksWider = true
        /// Continue the visible skin's colour under the mask.
        public var matchesColour = true
        /// Seed of the generator's fine random detail (its noise inputs); nil draws none. Face n of a photo takes its own
        /// sequence. Without effect for models that were trained without noise; see `StyleGAN2Generator.usesNoise`.
        public var noiseSeed: UInt64?
        /// Refines the codes of masked faces on their visible pixels; nil draws the encoder's answer.
        public var refinement: LatentRefinement?

        public init() {}
    }

    /// One face of a photo.
    public struct Face: Sendable {
        /// With the refined landmarks where the face is masked.
        public var detection: DetectedFace
        /// Photo pixels -> crop pixels.
        public var transform: AffineTransform2D
        public var isMasked: Bool
        /// Share of the aligned crop that the mask covers, 0…1.
        public var maskShare: Double
        /// The aligned face as it is in the photo, [3, s, s] in 0…1.
        public var crop: FloatImage
        /// The predicted alpha of the mask, [1, s, s].
        public var maskAlpha: FloatImage
        /// The matte that was used for blending, [1, s, s]; all zero for faces without a mask.
        public var matte: FloatImage
        /// The recovered face, [3, s, s]: the crop with the hidden part filled in.
        public var recovered: FloatImage
        /// What the generator drew, colour-matched, [3, s, s]: the whole face, before blending.
        public var drawn: FloatImage
        /// What was filled in beyond the crop; nil where the mask ends inside of it.
        public var overhang: MaskOverhang?
        /// Time for recovering and blending this face.
        public var milliseconds: Double
        /// The part of it that refinement took; nil without refinement.
        public var refineMilliseconds: Double?
    }

    public struct Result: Sendable {
        public var image: Image
        public var faces: [Face]

        public init(image: Image, faces: [Face]) {
            self.image = image
            self.faces = faces
        }
    }

    public let model: UnmaskingModel
    public let detector: any FaceDetector
    public let settings: Settings
    /// Lets refinement compare visible pixels by LPIPS too.
    public let lpips: LPIPS?
    /// Says where the landmarks of masked faces belong; nil leaves them where the detector saw them.
    public let refiner: LandmarkRefiner?
    /// Aligns faces and blends recovered ones back: the part of the work that needs no network.
    public let compositor: FaceCompositor
    let device: Device

    public init(
        model: UnmaskingModel, detector: any FaceDetector, settings: Settings = Settings(),
        lpips: LPIPS? = nil, refiner: LandmarkRefiner? = nil, device: Device = .cpu
    ) {
        self.model = model
        self.refiner = refiner
        self.lpips = lpips
        self.detector = detector
        self.settings = settings
        self.device = device
        compositor = FaceCompositor(size: model.size, settings: settings)
    }

    /// Recovers every masked face of a photo.
    public func unmask(_ photo: Image) throws -> Result {
        let rgb = photo.rgb()
        return try unmask(rgb, faces: try detector.detect(rgb))
    }

    /// As `unmask(_:)`, for faces that were found already.
    /// - Parameter refined: the same faces with the landmarks that `refiner` gave them before; nil asks it.
    public func unmask(_ photo: Image, faces: [DetectedFace], refined known: [DetectedFace]? = nil) throws
        -> Result
    {
        let rgb = photo.rgb()
        var output = rgb
        var results: [Face] = []
        let clock = ContinuousClock()
        for (index, detection) in faces.enumerated() {
            let start = clock.now
            let refined = try known?[index] ?? refiner?([detection], in: rgb)[0]
            guard let aligned = try compositor.align(rgb, detection, refined: refined) else { continue }
            let drawing = try draw(aligned.crop, index: results.count)
            let look = try compositor.widened(aligned, drawing, in: rgb).map {
                WideLook(aligned: $0, drawing: try draw([$0.crop])[0])
            }
            var face = try compositor.blend(drawing, of: aligned, look: look, into: &output)
            face.milliseconds = (clock.now - start) / .milliseconds(1)
            results.append(face)
        }
        return Result(image: output, faces: results)
    }

    /// Recovers one aligned crop, [3, s, s] in 0…1.
    /// - Parameter index: number of the face in its photo, which the seed of its random detail follows from.
    public func recover(_ crop: FloatImage, index: Int = 0) throws -> Face {
        try compositor.finish(crop, draw(crop, index: index))
    }

    /// What the networks see in and make of one aligned crop, [3, s, s] in 0…1.
    private func draw(_ crop: FloatImage, index: Int) throws -> FaceDrawing {
        let input = try input([crop])
        let noise = try noise(index)
        let recovery = try noGrad { () throws(TorchError) in try model.recover(input, noise: noise) }
        let refined = try refine(recovery, of: input)
        var image = refined?.image ?? recovery.image
        if let refined, case .random = noise {
            image = try noGrad { () throws(TorchError) in
                try model.generator.synthesize(
                    refined.encoded.latents, noise: self.noise(index),
                    featureOffsets: refined.encoded.featureOffsets)
            }
        }
        var drawing = try drawings(image, alpha: recovery.alpha)[0]
        drawing.refineMilliseconds = refined?.milliseconds
        return drawing
    }

    /// nil without refinement, and for faces that count as unmasked.
    private func refine(_ recovery: UnmaskingModel.Recovery, of photo: Tensor) throws -> RefinedFace? {
        guard let refinement = settings.refinement,
            try recovery.alpha.ge(settings.alphaThreshold).to(dtype: .float32).mean().item()
                >= settings.minimumMaskShare
        else { return nil }
        return try refinement(
            recovery.encoded, photo: photo, alpha: recovery.alpha,
            networks: LatentRefinement.Networks(
                generator: model.generator, encoder: model.encoder, meanLatent: model.encoder.meanLatent,
                lpips: lpips))
    }

    private func noise(_ index: Int) throws(TorchError) -> NoiseInput {
        guard let seed = settings.noiseSeed, try model.generator.usesNoise else { return .none }
        return .random(try Generator(seed: Generator.derive(seed, UInt64(index)), device: device))
    }
}
