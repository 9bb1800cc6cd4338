import Foundation
import NN
import Testing
import Torch
import Unmasking

@Suite struct LatentRefinementTests {
    /// A frozen generator, the code of a face that is to be found, and an encoder's answer beside it.
    private struct Problem {
        let generator: StyleGAN2Generator
        let mean: Tensor
        let truth: Tensor
        let encoded: EncodedFace
        let photo: Tensor
        /// The lower half is hidden.
        let alpha: Tensor

        init() throws {
            generator = try StyleGAN2Generator(
                GeneratorConfiguration(
                    size: 32, channels: [4: 12, 8: 10, 16: 8, 32: 6], styleDimension: 16, mappingDepth: 3),
                in: Context(seed: 1))
            try Reference.fill(generator)
            try generator.requiresGrad_(false)
            mean = try generator.meanLatent(samples: 64, generator: Generator(seed: 3))
            truth = try generator.latents(generator.mapping(Reference.hashed("z", [2, 16]))).contiguous()
            encoded = EncodedFace(latents: try truth + Reference.hashed("error", [2, 8, 16]) * 0.15)
            photo = try generator.synthesize(truth, noise: .none)
            let ones = try Tensor.ones([2, 1, 16, 32])
            alpha = try .cat([ones.zerosLike(), ones], dim: 2)
        }

        var networks: LatentRefinement.Networks { .init(generator: generator, meanLatent: mean) }

        func refine(_ change: (inout LatentRefinement) -> Void = { _ in }, photo: Tensor? = nil) throws
            -> RefinedFace
        {
            var refinement = LatentRefinement()
            refinement.prior = 0.01
            change(&refinement)
            return try refinement(encoded, photo: photo ?? self.photo, alpha: alpha, networks: networks)
        }

        /// Mean absolute change of the hidden half against the encoder's drawing.
        func hiddenChange(_ face: RefinedFace) throws -> Double {
            let drawn = try generator.synthesize(encoded.latents, noise: .none)
            return try ((face.image - drawn).abs() * alpha).sum().item() / (alpha.sum().item() * 3)
        }
    }

    @Test func visiblePixelsAreFittedBetter() throws {
        let problem = try Problem()
        let face = try problem.refine()
        #expect(face.after.pixel < 0.6 * face.before.pixel, "\(face.before) -> \(face.after)")
        #expect(face.before.prior == 0 && face.after.prior > 0)
        #expect(face.milliseconds > 0)
        // What is reported is what is returned.
        let drawn = try problem.generator.synthesize(face.encoded.latents, noise: .none)
        #expect(try (drawn - face.image).abs().amax().item() == 0)
        let visible = try 1 - problem.alpha
        let error =
            try ((drawn - problem.photo).abs() * visible).sum().item() / (visible.sum().item() * 3)
        #expect(abs(error - face.after.pixel) < 1e-4)
        for parameter in problem.generator.parameters() { #expect(try parameter.grad == nil) }
    }

    @Test func hiddenPixelsAreNotLookedAt() throws {
        let problem = try Problem()
        let noise = try Reference.hashed("mask", [2, 3, 32, 32])
        let masked = try problem.photo * (1 - problem.alpha) + noise * problem.alpha
        let (clean, hidden) = (try problem.refine(), try problem.refine(photo: masked))
        #expect(try (clean.encoded.latents - hidden.encoded.latents).abs().amax().item() == 0)
    }

    @Test func thePriorKeepsTheHiddenRegion() throws {
        let problem = try Problem()
        let loose = try problem.refine { $0.prior = 0 }
        let tight = try problem.refine { $0.prior = 30 }
        #expect(tight.after.prior < 0.2 * loose.after.prior)
        #expect(try problem.hiddenChange(tight) < 0.8 * problem.hiddenChange(loose))
        #expect(tight.after.pixel < tight.before.pixel)
    }

    @Test func theSameInputGivesTheSameCode() throws {
        let problem = try Problem()
        let (one, two) = (try problem.refine(), try problem.refine())
        #expect(try (one.encoded.latents - two.encoded.latents).abs().amax().item() == 0)
        #expect(one.after == two.after)
    }

    @Test func facesOfABatchDoNotInfluenceEachOther() throws {
        let problem = try Problem()
        let both = try problem.refine().encoded.latents
        var refinement = LatentRefinement()
        refinement.prior = 0.01
        let alone = try refinement(
            EncodedFace(latents: try problem.encoded.latents[1..<2]), photo: try problem.photo[1..<2],
            alpha: try problem.alpha[1..<2], networks: problem.networks)
        #expect(try (both[1..<2] - alone.encoded.latents).abs().amax().item() < 1e-3)
    }

    @Test func featuresAreRefinedOnRequest() throws {
        let problem = try Problem()
        var encoded = problem.encoded
        encoded.featureOffsets = [8: try Reference.hashed("offset", [2, 10, 8, 8]) * 0.2]
        var refinement = LatentRefinement()
        refinement.steps = 5
        let fixed = try refinement(
            encoded, photo: problem.photo, alpha: problem.alpha, networks: problem.networks)
        refinement.refinesFeatures = true
        let moved = try refinement(
            encoded, photo: problem.photo, alpha: problem.alpha, networks: problem.networks)
        func change(_ face: RefinedFace) throws -> Double {
            let offset = try #require(face.encoded.featureOffsets[8])
            return try (offset - #require(encoded.featureOffsets[8])).abs().amax().item()
        }
        #expect(try change(fixed) == 0)
        #expect(try change(moved) > 0)
        #expect(moved.after.pixel < fixed.after.pixel)
    }

    /// An encoder whose answer to any picture is known: codes that depend on one visible pixel.
    @Test func iterationCorrectsByWhatTheEncoderReadsFromTheDrawing() throws {
        var configuration = EncoderTests.small
        configuration.styleDimension = 16
        configuration.featureOffsets = [:]
        let encoder = try PyramidEncoder(configuration, in: Context(seed: 1)).evaluate()
        try encoder.requiresGrad_(false)
        let problem = try Problem()
        var refinement = LatentRefinement()
        refinement.steps = 0
        refinement.iterations = 1
        refinement.prior = 0
        var networks = problem.networks
        #expect(throws: UnmaskingError.self) {
            try refinement(problem.encoded, photo: problem.photo, networks: networks)
        }
        networks.encoder = encoder
        let encoded = try encoder.encode(problem.photo)
        let face = try refinement(
            encoded, photo: problem.photo, alpha: problem.alpha, networks: networks)
        #expect(face.after.pixel <= face.before.pixel)
        // By hand: the photo under the mask, the drawing elsewhere, encoded; the code moves by the difference.
        let drawn = try problem.generator.synthesize(encoded.latents, noise: .none)
        let seen = try encoder.encode(
            problem.photo * problem.alpha + drawn * (1 - problem.alpha)
        ).latents
        let expected = try encoded.latents * 2 - seen
        for index in 0..<2 {
            let code = try face.encoded.latents[index]
            let kept = try (code - encoded.latents[index]).abs().amax().item() == 0
            let took = try (code - expected[index]).abs().amax().item() < 1e-4
            #expect(kept || took)
        }
    }

    @Test func impossibleSettingsAndShapesAreNamed() throws {
        let problem = try Problem()
        let rate = #expect(throws: UnmaskingError.self) { try problem.refine { $0.rate = 0 } }
        #expect("\(try #require(rate))".contains("rate 0.0"))
        #expect(throws: UnmaskingError.self) {
            try problem.refine {
                $0.pixel = 0
                $0.perceptual = 0
            }
        }
        #expect(throws: TorchError.self) { try problem.refine(photo: .zeros([1, 3, 32, 32])) }
        #expect(throws: TorchError.self) { try problem.refine(photo: .zeros([2, 3, 16, 16])) }
    }
}
