import Foundation
import NN
import Perceptual
import Torch

/// Refines W+ codes at test time: the encoder's answer is moved a little so that the drawing agrees better with the pixels that
/// can be seen, and with nothing else.
///
/// Two ways, either or both. *Optimisation* takes a few dozen Adam steps on
/// pixel · |drawing - photo| + perceptual · LPIPS, both over visible pixels only, + prior · |δ|², where δ is the move in units of
/// the code's own distance from the mean latent: that keeps the code where the encoder put it, and with it what the mask hides.
/// *Iteration* (as ReStyle, Alaluf et al. 2021) encodes the drawing and corrects the code by the difference; hidden pixels are
/// taken from the photo on both sides, so that only visible ones can differ. An encoder of six input channels is a ReStyle
/// encoder and is given photo and drawing.
///
/// No random numbers are drawn: the same input gives the same code. An optimisation step costs a forward and a backward pass of
/// the generator (and LPIPS), an iteration a pass of the generator and one of the encoder.
public struct LatentRefinement: Codable, Sendable, Equatable {
    /// Adam steps; 0 for none.
    public var steps = 30
    /// First step size, as a share of the code's root-mean-square distance from the mean latent; falls to 0 as a cosine.
    public var rate = 0.03
    /// Weight of the absolute colour difference of visible pixels.
    public var pixel = 1.0
    /// Weight of LPIPS over visible pixels; without effect when no network is given.
    public var perceptual = 0.8
    /// Weight of the squared relative move of the code.
    public var prior = 0.3
    /// Also refine the additive features of encoders that have them, under the same prior.
    public var refinesFeatures = false
    /// Rounds of encoding the drawing, before the optimisation.
    public var iterations = 0
    /// Pixels whose mask alpha is below this are visible.
    public var visibleBelow = 0.5

    public init() {}

    /// The networks that refinement works with.
    public struct Networks {
        public var generator: StyleGAN2Generator
        /// For `iterations`.
        public var encoder: (any UnmaskingEncoder)?
        /// [styleDimension], [1, styleDimension] or [1, styleCount, styleDimension].
        public var meanLatent: Tensor
        /// nil leaves the perceptual term out.
        public var lpips: LPIPS?

        public init(
            generator: StyleGAN2Generator, encoder: (any UnmaskingEncoder)? = nil, meanLatent: Tensor,
            lpips: LPIPS? = nil
        ) {
            self.generator = generator
            self.encoder = encoder
            self.meanLatent = meanLatent
            self.lpips = lpips
        }
    }

    /// - Throws: `UnmaskingError.configuration` naming the value that cannot be used.
    public func validate() throws(UnmaskingError) {
        guard steps >= 0, iterations >= 0, rate > 0, rate.isFinite, pixel >= 0, perceptual >= 0,
            pixel + perceptual > 0, prior >= 0, prior.isFinite
        else {
            throw .configuration(
                "latent refinement of steps \(steps), iterations \(iterations), rate \(rate), pixel \(pixel), perceptual \(perceptual), prior \(prior): expected numbers not below 0, a rate above 0, and pixel or perceptual above 0"
            )
        }
    }

    /// Refines the codes of a batch of faces, each on its own.
    /// - Parameters:
    ///   - encoded: the encoder's answer.
    ///   - photo: what the encoder saw, RGB in [-1, 1], [batch, 3, s, s]; drawings of another size are averaged or enlarged
    ///     to it.
    ///   - alpha: the mask, 1 where hidden, [batch, 1, s, s]; nil when all is visible.
    ///   - noise: as the drawing will be made.
    /// - Throws: `UnmaskingError.configuration`, also when the objective becomes NaN, or `TorchError`.
    public func callAsFunction(
        _ encoded: EncodedFace, photo: Tensor, alpha: Tensor? = nil, networks: Networks,
        noise: NoiseInput = .none
    ) throws -> RefinedFace {
        try validate()
        let clock = ContinuousClock()
        let start = clock.now
        let work = try Work(self, encoded, photo, alpha, networks, noise)
        if iterations > 0 { try work.iterate() }
        if steps > 0 { try work.optimise() }
        var face = try work.result()
        face.milliseconds = (clock.now - start) / .milliseconds(1)
        return face
    }
}

/// What `LatentRefinement` made of a batch.
public struct RefinedFace {
    /// The mean terms of the objective over the batch, unweighted.
    public struct Measure: Codable, Sendable, Equatable {
        /// Absolute colour difference of visible pixels, for colours in [-1, 1].
        public var pixel: Double
        /// LPIPS over visible pixels; nil without a network.
        public var perceptual: Double?
        /// Squared move of the code, relative to its distance from the mean latent.
        public var prior: Double
    }

    /// The encoder's answer with refined codes (and features).
    public var encoded: EncodedFace
    /// The drawing of these codes, [batch, 3, size, size].
    public var image: Tensor
    /// Before the first step, and of the codes that are returned.
    public var before: Measure
    public var after: Measure
    /// Time of the whole refinement.
    public var milliseconds = 0.0
}
