import Foundation
import NN
import Testing
import Torch
import Unmasking

@Suite struct GeneratorTests {
    static let small = GeneratorConfiguration(
        size: 32, channels: [4: 12, 8: 10, 16: 8, 32: 6], styleDimension: 16, mappingDepth: 3)

    func filled() throws -> StyleGAN2Generator {
        let generator = try StyleGAN2Generator(Self.small, in: Context(seed: 1))
        try Reference.fill(generator)
        return generator
    }

    @Test func agreesWithReference() throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let generator = try filled()
        let w = try generator.mapping(Reference.hashed("z", [2, 16]))
        try expectParity(w, fixture["generator.w"], "w")
        try expectParity(try generator.synthesize(w, noise: .none), fixture["generator.plain"], "plain")
        try expectParity(try generator.synthesize(w), fixture["generator.noisy"], "constant noise")
        try expectParity(
            try generator.synthesize(w, noise: .given(generator.noiseFields)), fixture["generator.noisy"],
            "given noise")
        try expectParity(try generator.synthesize(w, maximumSize: 16), fixture["generator.half"], "half size")
    }

    @Test func gradientsAgreeWithReference() throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let generator = try filled()
        let z = try Reference.hashed("z", [2, 16])
        let image = try generator(z)
        let direction = try Reference.hashed("direction", image.shape)
        try (image * direction).sum().backward()
        for (key, parameter) in generator.namedParameters() {
            try expectParity(parameter.grad, fixture["generator.grad.\(key)"], "grad.\(key)")
        }

        let wplus = try
            (generator.latents(generator.mapping(z)) + Reference.hashed("wplus", [2, 8, 16]) * 0.5)
            .detach().requiresGrad_()
        let drawn = try generator.synthesize(wplus)
        try expectParity(drawn, fixture["generator.wplus"], "W+")
        let gradient = try Autograd.grad(outputs: [(drawn * direction).sum()], inputs: [wplus])[0]
        try expectParity(gradient, fixture["generator.grad.wplus"], "grad of W+")
    }

    @Test func pathLengthPenaltyAndItsGradientsAgreeWithReference() throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let generator = try filled()
        let wplus = try
            (generator.latents(generator.mapping(Reference.hashed("z", [2, 16])))
            + Reference.hashed("wplus", [2, 8, 16]) * 0.5).detach().requiresGrad_()
        let image = try generator.withSecondOrderFilters { try generator.synthesize(wplus) }
        let regularization = PathLengthRegularization(meanLength: 0.5)
        let penalty = try regularization.penalty(
            images: image, latents: wplus, direction: Reference.hashed("direction", image.shape))
        try expectParity(penalty.reshape([1]), fixture["path.penalty"], "path penalty")
        let mean = try #require(fixture["path.mean"]).item()
        #expect(abs(regularization.meanLength - mean) < 1e-4 * mean)
        try penalty.backward()
        for (key, parameter) in generator.namedParameters() {
            guard let expected = fixture["path.grad.\(key)"] else { continue }
            try expectParity(parameter.grad, expected, "path.grad.\(key)")
        }
    }

    @Test func truncationMixingAndLatentShapes() throws {
        let generator = try filled()
        let mean = try generator.meanLatent(samples: 64, generator: Generator(seed: 3))
        let z = try Reference.hashed("z", [2, 16])
        let still = try generator.generate(z, truncation: (psi: 0, mean: mean), noise: .none)
        #expect(try (still.select(0, 0) - still.select(0, 1)).abs().amax().item() < 1e-5)
        let w = try generator.mapping(z)
        let (first, second) = (try w[0..<1], try w[1..<2])
        let mixed = try generator.mixStyles(first, second, crossover: 3)
        #expect(try (mixed.select(1, 2) - first).abs().amax().item() == 0)
        #expect(try (mixed.select(1, 3) - second).abs().amax().item() == 0)
        #expect(throws: TorchError.self) { try generator.synthesize(Tensor.zeros([2, 5, 16])) }
        #expect(throws: TorchError.self) { try generator.mapping(Tensor.zeros([2, 15])) }
        #expect(throws: TorchError.self) { try generator.synthesize(w, maximumSize: 24) }
        #expect(throws: TorchError.self) { try generator.synthesize(w, noise: .given([])) }
    }

    @Test func randomNoiseFollowsItsSeed() throws {
        let generator = try filled()
        let w = try generator.mapping(Reference.hashed("z", [2, 16]))
        let one = try generator.synthesize(w, noise: .random(Generator(seed: 5)))
        let two = try generator.synthesize(w, noise: .random(Generator(seed: 5)))
        let other = try generator.synthesize(w, noise: .random(Generator(seed: 6)))
        #expect(try (one - two).abs().amax().item() == 0)
        #expect(try (one - other).abs().amax().item() > 0.01)
    }

    @Test func featureOffsetsChangeOnlyTheirResolutionUpwards() throws {
        let generator = try filled()
        let w = try generator.mapping(Reference.hashed("z", [2, 16]))
        let offset = try Reference.hashed("offset", [2, 8, 16, 16])
        let plain = try generator.synthesize(w, maximumSize: 8)
        let below = try generator.synthesize(w, maximumSize: 8, featureOffsets: [16: offset])
        #expect(try (plain - below).abs().amax().item() == 0)
        let full = try generator.synthesize(w)
        let shifted = try generator.synthesize(w, featureOffsets: [16: offset])
        #expect(try (full - shifted).abs().amax().item() > 0.01)
        #expect(throws: TorchError.self) { try generator.synthesize(w, featureOffsets: [8: offset]) }
    }

    @Test func impossibleConfigurationsAreRefused() throws {
        var wrong = Self.small
        wrong.size = 48
        #expect(throws: UnmaskingError.self) { try wrong.validate() }
        wrong = Self.small
        wrong.channels[16] = nil
        let error = #expect(throws: UnmaskingError.self) { try wrong.validate() }
        #expect(error?.description.contains("add [16]") == true)
        wrong = Self.small
        wrong.filter.taps = [1, 2, 1]
        #expect(throws: UnmaskingError.self) { try StyleGAN2Generator(wrong, in: Context(seed: 1)) }
    }

    @Test func configurationsSurviveJSON() throws {
        let generator = GeneratorConfiguration.compact(size: 64)
        let back = try JSONDecoder().decode(
            GeneratorConfiguration.self, from: JSONEncoder().encode(generator))
        #expect(back == generator)
        let discriminator = DiscriminatorConfiguration.compact(size: 64)
        #expect(
            try JSONDecoder().decode(
                DiscriminatorConfiguration.self, from: JSONEncoder().encode(discriminator))
                == discriminator)
        let encoder = EncoderTests.small
        #expect(
            try JSONDecoder().decode(EncoderConfiguration.self, from: JSONEncoder().encode(encoder))
                == encoder)
    }
}
