import Faces
import Foundation
import Imaging
import NN
import Resources
import Testing
import Torch
import Unmasking

private let locator = ResourceLocator.standard
private let hasDetector = (try? locator.weights("yunet")) != nil
private let hasPhoto = (try? locator.photo("astronaut.png")) != nil
private let hasModel = (try? locator.model("unmasker-128")) != nil

private func temporaryPath(_ name: String) -> String {
    NSTemporaryDirectory() + "/\(UUID().uuidString)-\(name)"
}

@Suite struct UnmaskingModelTests {
    @Test func fileRoundTripKeepsTheNetwork() throws {
        let path = temporaryPath("model.safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try TinyUnmasker.model()
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
        let model = try TinyUnmasker.model()
        try model.write(to: path)
        var tensors = try SafeTensors.read(path)
        tensors["encoder.stem.weight"] = nil
        try SafeTensors.write(tensors, to: path, metadata: try SafeTensors.metadata(path))
        let error = #expect(throws: TorchError.self) { try UnmaskingModel.read(path) }
        #expect("\(try #require(error))".contains("encoder.stem.weight"))
    }
}

@Suite struct MeanFaceBaselineTests {
    @Test func coloursAreMatchedOnVisiblePixels() throws {
        var dark = FloatImage(width: 32, height: 32, channels: 3)
        for i in dark.data.indices { dark.data[i] = 0.2 + 0.1 * Float(i % 7) / 7 }
        var bright = dark
        for i in bright.data.indices { bright.data[i] = dark.data[i] * 1.5 + 0.1 }
        let baseline = try #require(MeanFaceBaseline(of: [dark]))
        let matched = try baseline.matched(to: bright, alpha: FloatImage(width: 32, height: 32, channels: 1))
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
