import Faces
import Foundation
import Imaging
import NN
import Testing
import Torch

/// Values come from ONNX Runtime (SFace) and dlib (Tools/reference/faces.py).
@Suite struct RecognitionTests {
    @Test(.enabled(if: PublishedWeights.has("sface"), PublishedWeights.hint))
    func sfaceAgreesWithONNXRuntime() throws {
        let network = try SFace(weights: try #require(PublishedWeights.path("sface")))
        let crop = try FaceFixture.image("sface.crop")
        let expected = try FaceFixture.tensor("sface.embedding")
        let raw = try network(.images([crop]))
        try expectClose(raw, expected, 1e-4, "embedding")
        #expect(try cosine(network.embed(crops: [crop]), expected) > 0.999999)
    }

    @Test(.enabled(if: PublishedWeights.has("dlib_face"), PublishedWeights.hint))
    func dlibAgreesWithDlib() throws {
        let network = try DlibFaceNet(weights: try #require(PublishedWeights.path("dlib_face")))
        let chip = try FaceFixture.image("dlib.chip")
        let expected = try FaceFixture.tensor("dlib.embedding")
        let raw = try network(.images([chip]))
        try expectClose(raw, expected, 1e-4, "descriptor")
        #expect(try cosine(network.embed(crops: [chip]), expected) > 0.999999)
    }

    /// From photo to embedding, alignment included: the person's other picture, small and turned, is the same person.
    @Test(.enabled(if: PublishedWeights.has("yunet", "sface", "dlib_face"), PublishedWeights.hint))
    func photosOfOnePersonAgree() throws {
        let image = try FaceFixture.image()
        let faces = try YuNetDetector(weights: try #require(PublishedWeights.path("yunet"))).detect(image)
        try #require(faces.count == 2)
        for model in [RecogniserModel.sface, .dlib] {
            let recogniser = try model.load()
            let embeddings = try recogniser.embed(image, faces: faces)
            #expect(embeddings.shape == [2, recogniser.embeddingDimension])
            let similarity = try (embeddings.select(0, 0) * embeddings.select(0, 1)).sum().item()
            // dlib's published bound 0.6 on distances is a cosine of about 0.91 at its descriptors' length of 1.4.
            #expect(similarity > (model == .sface ? 0.5 : 0.93), "\(recogniser.name): \(similarity)")
            let expected = try FaceFixture.tensor(model == .sface ? "sface.embedding" : "dlib.embedding")
            let published = try cosine(embeddings.narrow(0, 0, 1), expected)
            #expect(published > (model == .sface ? 0.99 : 0.97), "\(recogniser.name): \(published)")
        }
    }

    private static func networks(_ dtype: ScalarType) throws -> [any FaceRecogniser & Module] {
        let context = try Context(dtype: dtype, seed: 3)
        return [try SFace(in: context), try DlibFaceNet(in: context), try EdgeFace(in: context)]
    }

    /// Against central differences along one direction, in double precision.
    @Test func gradientsReachTheFaces() throws {
        for network in try Self.networks(.float64) {
            if network is SFace {
                // Default initial values leave next to no signal after 27 layers.
                var state: [String: Tensor] = [:]
                for (key, tensor) in network.stateDict() {
                    state[key] = try Formula.weight(key, tensor.shape)
                }
                try network.load(state)
            }
            try network.evaluate().requiresGrad_(false)
            let shape = [1, 3, network.inputSize, network.inputSize]
            let x = try Formula.uniform("face", shape).to(dtype: .float64)
            let direction = try Formula.uniform("direction", shape).to(dtype: .float64)
            let probe = try Formula.uniform("probe", [1, network.embeddingDimension]).to(dtype: .float64)
            func value(_ x: Tensor) throws -> Tensor { try (network.embed(x) * probe).sum() }
            let input = try x.clone().requiresGrad_()
            try value(input).backward()
            let slope = try (try #require(try input.grad) * direction).sum().item()
            let step = 1e-7
            let difference =
                try (value(x + direction * step).item() - value(x - direction * step).item()) / (2 * step)
            #expect(slope != 0)
            #expect(
                abs(slope - difference) < 1e-3 * abs(difference), "\(network.name): \(slope) \(difference)")
        }
    }

    @Test func embeddingsHaveUnitLengthAndDoNotDependOnTheBatch() throws {
        for network in try Self.networks(.float32) {
            network.evaluate()
            let size = network.inputSize
            let crops = (0..<3).map { index in
                var crop = Image(width: size, height: size, channels: 3)
                for i in crop.pixels.indices { crop.pixels[i] = UInt8((i * (7 + index) + i / 31) % 256) }
                return crop
            }
            let together = try network.embed(crops: crops)
            let pairs = try network.embed(crops: crops, batchSize: 2)
            #expect(together.shape == [3, network.embeddingDimension])
            try expectClose(pairs, together, 1e-4, network.name)
            #expect(try together.norm([1]).floats().allSatisfy { abs($0 - 1) < 1e-5 })
            #expect(!(try together.narrow(0, 0, 1).floats() == together.narrow(0, 1, 1).floats()))
            #expect(try network.embed(crops: []).shape == [0, network.embeddingDimension])
        }
    }

    @Test func wrongCropsAreExplained() throws {
        for network in try Self.networks(.float32) {
            let size = network.inputSize
            let error = try #require(throws: FacesError.self) {
                _ = try network.embed(crops: [
                    Image(width: size, height: size, channels: 3),
                    Image(width: size, height: 90, channels: 3),
                ])
            }
            #expect(error.description.contains("crop 1 is \(size)x90, expected \(size)x\(size)"))
        }
        for network in try Self.networks(.float32).dropLast() {
            let error = try #require(throws: TorchError.self) {
                _ = try network.embed(.zeros([1, 3, 64, 64]))
            }
            #expect(error.description.contains("[1, 3, 64, 64]"))
        }
        #expect(throws: TorchError.self) { try Tensor.images([]) }
        #expect(throws: TorchError.self) {
            try Tensor.images([
                Image(width: 2, height: 2, channels: 1), Image(width: 2, height: 3, channels: 1),
            ])
        }
    }

    @Test func imagesBecomePlanes() throws {
        let image = try Image(width: 2, height: 1, channels: 3, pixels: [0, 51, 255, 102, 153, 204])
        let tensor = try Tensor.images([image, image], range: -1...1)
        #expect(tensor.shape == [2, 3, 1, 2])
        let expected: [Float] = [-1, -0.2, -0.6, 0.2, 1, 0.6]
        #expect(zip(try tensor.floats(), expected + expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func sizesArePublishedOnes() throws {
        let networks = try Self.networks(.float32)
        // SFace: 10 million weights, most of them in the last layer. dlib: 5.6 million.
        #expect(networks.map(\.parameterCount) == [9_629_632, 5_607_488, 1_244_744])
        #expect(networks.map(\.inputSize) == [112, 150, 112])
    }
}
