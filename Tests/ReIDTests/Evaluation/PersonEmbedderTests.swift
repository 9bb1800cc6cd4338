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

    /// A head that was trained on the feature before the neck reads it there, and a class that was favoured in training is not
    /// favoured in the answer.
    @Test func attributesReadWhatTheyWereTrainedOn() throws {
        try EvaluationFixtures.withFolder { folder in
            let images = try (0..<6).map { index in
                let path = "\(folder)/\(index).png"
                try EvaluationFixtures.photo(person: index, camera: index).writePNG(path)
                return PersonImage(path: path, person: index, camera: 0)
            }
            func model(_ feature: JointLossConfiguration.Feature) throws -> ReIDModel {
                let network = EmbeddingNetworkConfiguration()
                let model = try ReIDModel(
                    ReIDModelConfiguration(
                        network: network, height: 64, width: 32,
                        attributes: AttributeSchema([.binary("hat")]),
                        attributeFeature: feature, attributeCounts: [[90, 10]]), in: Context(seed: 9))
                // A neck that moves everything far above zero, where the head says "yes".
                try noGrad { () throws(TorchError) in _ = try model.network.neck?.runningMean.fill_(-5) }
                let weights = AttributeHeads.classWeights(counts: [90, 10], balance: 0.5)
                let heads = try #require(model.attributeHeads)
                try noGrad { () throws(TorchError) in
                    try heads.classWeights.copy_(Tensor(weights, shape: [1, 2]))
                    try heads.classifier.weight.copy_(
                        Tensor([Float(0), 1], shape: [2, 1]).expand([2, 1280]))
                }
                return model
            }
            var seen: [[Int]] = []
            for feature in JointLossConfiguration.Feature.allCases {
                let plain = try model(feature)
                plain.evaluate()
                let heads = try #require(plain.attributeHeads)
                var embedder = try PersonEmbedder(model(feature), name: "")
                embedder.extraction.batch = 4
                let output = try embedder(images)
                let expected = try images.map { image in
                    let pixels = try PersonPixels.normalised(
                        Tensor(values: FloatImage(Image.read(image.path)).data, shape: [1, 3, 64, 32]))
                    return try withoutGradients {
                        let features = try plain.network.features(pixels)
                        let p = try heads.probabilities(feature == .raw ? features.raw : features.neck)[0]
                            .floats()
                        let weights = try heads.classWeights.floats()
                        return [
                            p[1] / weights[1] > p[0] / weights[0] ? 1 : 0,
                            p[1] / weights[1] / Float(10).squareRoot() > p[0] / weights[0]
                                / Float(90).squareRoot() ? 1 : 0,
                        ]
                    }
                }
                #expect(output.attributes == expected.map { [$0[0]] })
                #expect(output.balancedAttributes == expected.map { [$0[1]] })
                seen.append(expected.flatMap { $0 })
                let path = "\(folder)/\(feature).safetensors"
                try model(feature).write(to: path)
                #expect(try ReIDModel.read(path).configuration.attributeFeature == feature)
                #expect(try ReIDModel.read(path).configuration.attributeCounts == [[90, 10]])
            }
            #expect(seen[0] != seen[1], "raw and neck give the same answers")
        }
    }

    @Test func countsThatDoNotFitAreRefused() {
        #expect {
            try ReIDModel(
                ReIDModelConfiguration(
                    network: EmbeddingNetworkConfiguration(), height: 64, width: 32,
                    attributes: AttributeSchema([.binary("hat")]), attributeCounts: [[1, 2, 3]]),
                in: Context(seed: 1))
        } throws: {
            "\($0)".contains("counts of [3] classes for attributes of [2] classes")
        }
    }

    /// The configuration inside files of the first version, which knew neither.
    @Test func olderModelFilesKeepWorking() throws {
        let old = """
            {"attributes":{"attributes":[{"classes":["no","yes"],"name":"hat"}]},"hasAttention":false,"height":256,
            "network":{"backbone":"mobilenet_v2","lastStride":1,"neck":true,"pooling":"gap"},"width":128}
            """
        let read = try JSONDecoder().decode(ReIDModelConfiguration.self, from: Data(old.utf8))
        #expect(read.attributeFeature == .neck && read.attributeCounts == nil)
        #expect(read.network == EmbeddingNetworkConfiguration() && read.network.nonLocal == .none)
        #expect(read.attributes?.attributes.map(\.name) == ["hat"])
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
