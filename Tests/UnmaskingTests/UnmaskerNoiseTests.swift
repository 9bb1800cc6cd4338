import Faces
import Imaging
import NN
import Testing
import Torch
import Unmasking

/// The seed of an unmasker is that of the generator's noise.
@Suite struct UnmaskerNoiseTests {
    private struct NoDetector: FaceDetector {
        func detect(_ image: Image) throws -> [DetectedFace] { [] }
    }

    private func unmasker(strength: Double, seed: UInt64?) throws -> Unmasker {
        let generator = GeneratorConfiguration(
            size: 32, channels: [4: 8, 8: 8, 16: 8, 32: 4], styleDimension: 16, mappingDepth: 2)
        var encoder = EncoderConfiguration(for: generator)
        encoder.stageChannels = [4, 4, 8]
        encoder.stageBlocks = [1, 1, 1]
        encoder.pyramidChannels = 8
        encoder.hiddenFeatures = 8
        encoder.maskChannels = 4
        let model = try UnmaskingModel(
            UnmaskingModelConfiguration(generator: generator, encoder: encoder), in: Context(seed: 3))
        model.evaluate()
        try noGrad { () throws(TorchError) in
            for layer in model.generator.convs { try layer.noise.weight.fill_(strength) }
        }
        var settings = Unmasker.Settings()
        settings.noiseSeed = seed
        // What matters is the drawing: every crop counts as masked.
        settings.minimumMaskShare = 0
        settings.matchesColour = false
        return Unmasker(model: model, detector: NoDetector(), settings: settings)
    }

    private func drawing(strength: Double, seed: UInt64?, face: Int = 0) throws -> FloatImage {
        let crop = FloatImage(width: 32, height: 32, channels: 3, fill: 0.5)
        return try unmasker(strength: strength, seed: seed).recover(crop, index: face).drawn
    }

    @Test func theSeedDecidesTheDetail() throws {
        let first = try drawing(strength: 0.5, seed: 1)
        #expect(try drawing(strength: 0.5, seed: 1) == first)
        #expect(try drawing(strength: 0.5, seed: 2) != first)
        #expect(try drawing(strength: 0.5, seed: nil) != first)
        #expect(try drawing(strength: 0.5, seed: nil) == drawing(strength: 0.5, seed: nil))
        #expect(
            try drawing(strength: 0.5, seed: 1, face: 1) != first, "two faces of a photo share their noise")
    }

    @Test func modelsWithoutNoiseIgnoreTheSeed() throws {
        #expect(try drawing(strength: 0, seed: 1) == drawing(strength: 0, seed: nil))
        #expect(try unmasker(strength: 0, seed: 1).model.generator.usesNoise == false)
        #expect(try unmasker(strength: 0.5, seed: 1).model.generator.usesNoise)
    }
}
