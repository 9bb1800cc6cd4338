import NN
import Testing
import Torch
import Unmasking

@Suite struct EncoderTests {
    static let small = EncoderConfiguration(
        inputSize: 32, stageChannels: [8, 8, 16, 16], stageBlocks: [1, 1, 1, 1], pyramidChannels: 8,
        pooledSize: 2,
        hiddenFeatures: 16, styleCount: 8, styleDimension: 12, maskSize: 32, maskChannels: 8,
        featureOffsets: [8: 5, 16: 4])

    func filled(_ configuration: EncoderConfiguration = small) throws -> PyramidEncoder {
        let encoder = try PyramidEncoder(configuration, in: Context(seed: 1))
        try noGrad { () throws(TorchError) in
            for head in encoder.offsetHeads { try head.weight.fill_(0.1) }
        }
        return encoder.evaluate()
    }

    @Test func shapesFollowTheConfiguration() throws {
        let encoder = try filled()
        let face = try encoder.encode(Reference.hashed("face", [2, 3, 32, 32]))
        #expect(face.latents.shape == [2, 8, 12])
        #expect(face.maskLogits?.shape == [2, 1, 32, 32])
        #expect(face.featureOffsets[8]?.shape == [2, 5, 8, 8])
        #expect(face.featureOffsets[16]?.shape == [2, 4, 16, 16])
        let alpha = try #require(try face.maskAlpha(size: 64))
        #expect(alpha.shape == [2, 1, 64, 64])
        #expect(try alpha.amin().item() >= 0 && alpha.amax().item() <= 1)
    }

    /// 64, half and full size; one to three doublings above the finest pyramid level; without a mask head.
    @Test(arguments: [0, 8, 16, 32])
    func maskHeadOfEverySize(size: Int) throws {
        var configuration = Self.small
        configuration.stageChannels = [8, 8, 8, 8]
        configuration.maskSize = size
        if size != 0, size < configuration.stageSizes[configuration.stageSizes.count - 3] {
            #expect(throws: UnmaskingError.self) { try configuration.validate() }
            return
        }
        let face = try filled(configuration).encode(Reference.hashed("face", [1, 3, 32, 32]))
        #expect(face.maskLogits?.shape == (size == 0 ? nil : [1, 1, size, size]))
    }

    @Test func deltasSwitchOnOneAfterTheOther() throws {
        let encoder = try filled()
        let mean = try Reference.hashed("mean", [1, 12])
        try encoder.setMeanLatent(mean)
        let image = try Reference.hashed("face", [2, 3, 32, 32])
        let full = try encoder.encode(image).latents
        for active in 0...7 {
            let staged = try encoder.encode(image, activeDeltas: active, previous: nil).latents
            for style in 0..<8 {
                let expected = try full.select(1, style <= active ? style : 0)
                #expect(try (staged.select(1, style) - expected).abs().amax().item() < 1e-6)
            }
        }
        // Refinement adds the same offsets to the given codes instead of the mean.
        let previous = try Reference.hashed("previous", [2, 8, 12])
        let refined = try encoder.encode(image, activeDeltas: nil, previous: previous).latents
        #expect(try ((refined - previous) - (full - mean)).abs().amax().item() < 1e-5)
    }

    @Test func everyParameterLearns() throws {
        let encoder = try filled().train()
        let face = try encoder.encode(Reference.hashed("face", [2, 3, 32, 32]))
        var loss = try face.latents.square().mean() + #require(face.maskLogits).square().mean()
        for offset in face.featureOffsets.values { loss = try loss + offset.square().mean() }
        try loss.backward()
        for (key, parameter) in encoder.namedParameters() {
            let gradient = try #require(try parameter.grad, "\(key) has no gradient")
            #expect(try gradient.allFinite(), "\(key)")
        }
    }

    @Test(arguments: [EncoderConfiguration.Normalization.batch, .group, .none])
    func normalisations(_ kind: EncoderConfiguration.Normalization) throws {
        var configuration = Self.small
        configuration.normalization = kind
        configuration.squeezesAndExcites = true
        configuration.inputChannels = 6
        let latents = try filled(configuration)(Reference.hashed("pair", [2, 6, 32, 32]))
        #expect(latents.shape == [2, 8, 12])
        #expect(try latents.allFinite())
    }

    @Test func defaultsStayBelowSixMillionParameters() throws {
        let encoder = try PyramidEncoder(EncoderConfiguration(for: .compact(size: 128)), in: Context(seed: 1))
        #expect(encoder.parameterCount <= 6_000_000, "\(encoder.parameterCount)")
        #expect(encoder.styleCount == 12)
    }

    @Test func wrongInputsAndConfigurationsAreRefused() throws {
        let error = #expect(throws: TorchError.self) { try filled()(Tensor.zeros([1, 3, 64, 64])) }
        #expect(error?.description.contains("[batch, 3, 32, 32]") == true)
        var wrong = Self.small
        wrong.stageBlocks = [1, 1]
        #expect(throws: UnmaskingError.self) { try wrong.validate() }
        wrong = Self.small
        wrong.featureOffsets = [7: 3]
        #expect(throws: UnmaskingError.self) { try wrong.validate() }
        #expect(throws: TorchError.self) { try filled().setMeanLatent(Tensor.zeros([1, 3])) }
    }
}
