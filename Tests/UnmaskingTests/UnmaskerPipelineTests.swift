import Faces
import Foundation
import Imaging
import NN
import Resources
import Testing
import Torch
import Training
import Unmasking

private let locator = ResourceLocator.standard
private let hasDetector = (try? locator.weights("yunet")) != nil
private let hasPhoto = (try? locator.photo("astronaut.png")) != nil
private let hasModel = (try? locator.model("unmasker-128")) != nil

/// A network of random weights that is small enough for a test.
private func tinyModel(seed: UInt64 = 3) throws -> UnmaskingModel {
    let generator = GeneratorConfiguration(
        size: 32, channels: [4: 8, 8: 8, 16: 8, 32: 4], styleDimension: 16, mappingDepth: 2)
    var encoder = EncoderConfiguration(for: generator)
    encoder.stageChannels = [4, 4, 8]
    encoder.stageBlocks = [1, 1, 1]
    encoder.pyramidChannels = 8
    encoder.hiddenFeatures = 8
    encoder.maskChannels = 4
    return try UnmaskingModel(
        UnmaskingModelConfiguration(generator: generator, encoder: encoder), in: Context(seed: seed))
}

private func temporaryPath(_ name: String) -> String {
    NSTemporaryDirectory() + "/\(UUID().uuidString)-\(name)"
}

@Suite struct UnmaskingModelTests {
    @Test func fileRoundTripKeepsTheNetwork() throws {
        let path = temporaryPath("model.safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try tinyModel()
        model.evaluate()
        try model.write(to: path, metadata: ["steps": "7"])
        let copy = try UnmaskingModel.read(path)
        #expect(copy.configuration == model.configuration)
        let face = try Tensor.rand([2, 3, 32, 32], generator: Generator(seed: 5)) * 2 - 1
        let (a, b) = try noGrad { () throws(TorchError) in
            (try model.recover(face).image.floats(), try copy.recover(face).image.floats())
        }
        // Weights are stored in half precision.
        let scale = a.map(abs).max() ?? 1
        let difference = zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
        #expect(difference < 0.02 * scale)
        #expect(a.contains { abs($0) > 1e-4 })
    }

    @Test func otherFilesAreRefused() throws {
        let path = temporaryPath("other.safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SafeTensors.write(["x": Tensor.zeros([2])], to: path)
        let error = #expect(throws: UnmaskingError.self) { try UnmaskingModel.read(path) }
        #expect("\(try #require(error))".contains("not an unmasking model"))
    }

    @Test func missingKeysAreListed() throws {
        let path = temporaryPath("cut.safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try tinyModel()
        try model.write(to: path)
        var tensors = try SafeTensors.read(path)
        tensors["encoder.stem.weight"] = nil
        try SafeTensors.write(tensors, to: path, metadata: try SafeTensors.metadata(path))
        let error = #expect(throws: TorchError.self) { try UnmaskingModel.read(path) }
        #expect("\(try #require(error))".contains("encoder.stem.weight"))
    }
}

@Suite struct UnmaskerTrainingTests {
    @Test func stagesKeepDefaultsForMissingKeys() throws {
        let configuration = try UnmaskerTraining.load(
            json5:
                "{ stages: [ { name: 'a', steps: 10 }, { name: 'b', steps: 5, size: 64, identity: 0.1 } ] }")
        #expect(configuration.stages[1].identity == 0.1)
        #expect(configuration.stages[1].perceptual == UnmaskerStage().perceptual)
        #expect(configuration.stage(at: 9).index == 0)
        let second = configuration.stage(at: 12)
        #expect(second.index == 1 && second.step == 2 && second.stage.size == 64)
        #expect(configuration.totalSteps == 15)
    }

    @Test func badStagesAreRefused() {
        #expect(throws: (any Error).self) {
            try UnmaskerTraining.load(json5: "{ stages: [ { size: 100 } ] }")
        }
        #expect(throws: (any Error).self) {
            try UnmaskerTraining.load(json5: "{ stages: [ { maskShare: 2 } ] }")
        }
        #expect(throws: (any Error).self) { try UnmaskerTraining.load(json5: "{ stages: [ { stepz: 2 } ] }") }
    }

    /// A resumed training must see the batches that an uninterrupted one sees.
    @Test func batchesFollowFromTheStepAlone() throws {
        let count = 12
        var random = SampleRandom(seed: 4)
        let pixels = (0..<(count * 3 * 64 * 64)).map { _ in UInt8(random.below(256)) }
        let template = AlignmentTemplate.face128.scaled(to: 64)
        let faces = try AlignedFaces(
            size: 64, names: (0..<count).map { "\($0)" }, pixels: pixels,
            landmarks: Array(repeating: template.landmarks, count: count))
        var stage = UnmaskerStage()
        stage.maskShare = 0.7
        func maker() throws -> UnmaskerBatchMaker {
            try UnmaskerBatchMaker(faces: faces, heldBack: 2, batch: 4, seed: 9)
        }
        let first = try maker()
        var names: [[String]] = []
        var last: UnmaskerBatch?
        for step in 0..<4 {
            last = try first.batch(step: step, of: stage, index: 1)
            names.append(last?.names ?? [])
        }
        let again = try maker().batch(step: 3, of: stage, index: 1)
        #expect(again.names == names[3])
        let (a, b) = (try last?.input.floats(), try again.input.floats())
        #expect(a == b)
        #expect(
            names.joined().allSatisfy { Int($0).map { $0 < 10 } ?? false },
            "held-back faces are not trained on")
        let alpha = try again.alpha.amax().item()
        #expect(alpha > 0.5)
    }

    @Test func aStepLowersTheLossAndNamesItsTerms() throws {
        let configuration = try tinyModel().configuration
        let networks = try UnmaskerNetworks(
            configuration,
            discriminator: DiscriminatorConfiguration(size: 32, channels: [4: 8, 8: 8, 16: 4, 32: 4]),
            perceptual: nil, identity: nil, averageDecay: 0.9, in: Context(seed: 1))
        let step = UnmaskerStep(networks, precision: nil)
        var stage = UnmaskerStage()
        stage.size = 32
        stage.rate = 3e-3
        stage.finalRate = 3e-3
        stage.adversarial = AdversarialLoss(weight: 0.01)
        let generator = try Generator(seed: 2)
        let clean = try Tensor.rand([4, 3, 32, 32], generator: generator) * 0.2 + 0.4
        let batch = UnmaskerBatch(
            clean: clean, input: clean, alpha: try .zeros([4, 1, 32, 32]), names: ["a", "b", "c", "d"])
        var losses: [Double] = []
        for index in 0..<25 {
            let values = try step(batch, stage: stage, step: index, rateFactor: 1)
            losses.append(try #require(values["pixel"]))
            #expect(values["adversarial"] != nil && values["discriminator"] != nil)
        }
        #expect(losses[24] < 0.6 * losses[0])
    }

    @Test func checkpointContinuesTheSameRun() throws {
        let path = temporaryPath("checkpoint.safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = try tinyModel().configuration
        func networks(_ seed: UInt64) throws -> UnmaskerNetworks {
            try UnmaskerNetworks(
                configuration,
                discriminator: DiscriminatorConfiguration(size: 32, channels: [4: 8, 8: 8, 16: 4, 32: 4]),
                perceptual: nil, identity: nil, averageDecay: 0.9, in: Context(seed: seed))
        }
        var stage = UnmaskerStage()
        stage.size = 32
        let clean = try Tensor.rand([4, 3, 32, 32], generator: Generator(seed: 2)) * 2 - 1
        let batch = UnmaskerBatch(clean: clean, input: clean, alpha: try .zeros([4, 1, 32, 32]), names: [])
        func run(_ networks: UnmaskerNetworks, _ steps: Range<Int>) throws -> [Double] {
            try steps.map {
                try UnmaskerStep(networks, precision: nil)(batch, stage: stage, step: $0, rateFactor: 1)[
                    "pixel"] ?? .nan
            }
        }
        let whole = try networks(1)
        let expected = try run(whole, 0..<8)
        let half = try networks(1)
        _ = try run(half, 0..<4)
        try UnmaskerCheckpoint.write(half, step: 4, to: path)
        let resumed = try networks(99)
        let step = try UnmaskerCheckpoint.read(path, into: resumed)
        #expect(step == 4)
        let rest = try run(resumed, 4..<8)
        #expect(rest == Array(expected[4...]))
    }
}

@Suite struct MeanFaceBaselineTests {
    @Test func coloursAreMatchedOnVisiblePixels() throws {
        var dark = FloatImage(width: 32, height: 32, channels: 3)
        for i in dark.data.indices { dark.data[i] = 0.2 + 0.1 * Float(i % 7) / 7 }
        var bright = dark
        for i in bright.data.indices { bright.data[i] = dark.data[i] * 1.5 + 0.1 }
        let baseline = try #require(MeanFaceBaseline(of: [dark]))
        let matched = baseline.matched(to: bright, alpha: FloatImage(width: 32, height: 32, channels: 1))
        let worst = zip(matched.data, bright.data).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-3)
    }
}

@Suite(
    .enabled(
        if: hasDetector && hasPhoto && hasModel, "needs YuNet, the example photo and Models/unmasker-128"))
struct UnmaskerPipelineTests {
    private func unmasker() throws -> Unmasker {
        Unmasker(
            model: try UnmaskingModel.read(locator.model("unmasker-128")),
            detector: try YuNetDetector(weights: locator.weights("yunet")))
    }

    private func maskedAstronaut() throws -> (clean: Image, masked: Image, alpha: FloatImage) {
        let clean = try Image.read(locator.photo("astronaut.png")).rgb()
        let detector = try YuNetDetector(weights: locator.weights("yunet"))
        let face = try #require(try detector.detect(clean).first)
        let masked = try MaskSynthesizer().wear(
            MaskStyle(.surgical), on: FloatImage(clean),
            landmarks: FaceLandmarks468(fivePoints: face.landmarks.points), seed: 1)
        return (clean, try masked.image.image(), masked.alpha)
    }

    @Test func theMaskIsFoundAndVisiblePixelsStayExactlyEqual() throws {
        let (_, masked, alpha) = try maskedAstronaut()
        let result = try unmasker().unmask(masked)
        let face = try #require(result.faces.first)
        #expect(face.isMasked)
        var changedFarAway = 0
        var changedUnderMask = 0
        var hidden = 0
        // Far: more than 12 pixels from any masked pixel.
        let near = alpha.dilated(radius: 12)
        for i in 0..<(masked.width * masked.height) {
            let differs = (0..<3).contains { masked.pixels[3 * i + $0] != result.image.pixels[3 * i + $0] }
            if near.data[i] == 0, differs { changedFarAway += 1 }
            if alpha.data[i] > 0.95 {
                hidden += 1
                if differs { changedUnderMask += 1 }
            }
        }
        #expect(changedFarAway == 0)
        #expect(hidden > 1000)
        #expect(Double(changedUnderMask) > 0.95 * Double(hidden))
    }

    @Test func anUnmaskedFaceIsLeftAlone() throws {
        let clean = try maskedAstronaut().clean
        let result = try unmasker().unmask(clean)
        #expect(result.faces.count == 1)
        #expect(result.faces.first?.isMasked == false)
        #expect(result.image == clean)
    }

    @Test func aFaceAtTheBorderIsHandled() throws {
        let masked = try maskedAstronaut().masked
        // Cuts through the face.
        let part = try masked.warped(
            by: AffineTransform2D(a: 1, b: 0, c: -210, d: 0, e: 1, f: -60), width: 200, height: 200)
        let result = try unmasker().unmask(part)
        #expect(result.image.width == 200)
    }

    @Test func aPictureWithoutFacesComesBackUnchanged() throws {
        let grey = Image(width: 300, height: 200, channels: 3, fill: 128)
        let result = try unmasker().unmask(grey)
        #expect(result.faces.isEmpty && result.image == grey)
    }
}
