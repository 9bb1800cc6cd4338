import Foundation
import Imaging
import NN
import ReID
import Testing
import Torch

@Suite struct PersonEmbedderTests {
    private func model(attributes: Bool = true) throws -> ReIDModel {
        var network = EmbeddingNetworkConfiguration()
        network.embedding = 12
        return try ReIDModel(
            ReIDModelConfiguration(
                network: network, height: 64, width: 32,
                attributes: attributes
                    ? AttributeSchema([.binary("hat"), .init(name: "age", classes: ["a", "b", "c"])]) : nil),
            in: Context(seed: 9))
    }

    @Test func givesWhatTheNetworkGives() throws {
        try EvaluationFixtures.withFolder { folder in
            let images = try (0..<5).map { index in
                let path = "\(folder)/\(index).png"
                try EvaluationFixtures.photo(person: index, camera: index).writePNG(path)
                return PersonImage(path: path, person: 10 + index, camera: index % 2)
            }
            let plain = try model()
            plain.evaluate()
            let pixels = try images.map { image in
                try PersonPixels.normalised(
                    Tensor(values: FloatImage(Image.read(image.path)).data, shape: [1, 3, 64, 32]))
            }
            let features = try withoutGradients { try plain.network.features(Tensor.cat(pixels)).neck }
            var embedder = try PersonEmbedder(model(), name: "tiny")
            embedder.extraction.batch = 2
            let output = try embedder(images)
            #expect(
                output.features.ids == [10, 11, 12, 13, 14] && output.features.cameras == [0, 1, 0, 1, 0])
            #expect(output.features.paths == images.map(\.path))
            #expect(output.features.metadata == ["model": "tiny", "flip": "false"])
            let difference = try (output.features.features - features.l2Normalised(dim: 1)).abs().amax()
            #expect(try difference.item() < 1e-4)
            let heads = try #require(plain.attributeHeads)
            let expected = try withoutGradients { try heads.predictions(features).ints() }
            #expect(output.attributes?.flatMap { $0 } == expected)
            #expect(
                try PersonEmbedder(model(attributes: false), name: "").callAsFunction(images).attributes
                    == nil)
        }
    }

    @Test func showsWhereTheNetworkLooks() throws {
        try EvaluationFixtures.withFolder { folder in
            let path = folder + "/a.png"
            try EvaluationFixtures.photo(person: 3, camera: 1).writePNG(path)
            let (photo, heat) = try PersonEmbedder(model(), name: "tiny").activation(of: path, shown: 128)
            #expect(photo.width == 64 && photo.height == 128)
            #expect(heat.width == 64 && heat.height == 128 && heat != photo)
            #expect(throws: ImagingError.self) {
                try PersonEmbedder(model(), name: "tiny").activation(of: folder + "/b.png")
            }
        }
    }
}
