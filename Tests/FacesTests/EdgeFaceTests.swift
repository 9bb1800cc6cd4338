import Faces
import Foundation
import NN
import Testing
import Torch

/// Values come from Tools/reference/edgeface.py (timm's EdgeNeXt).
@Suite struct EdgeFaceTests {
    /// Narrow, with every kind of block and channel groups of unequal size.
    private static let narrow = EdgeFaceConfiguration(
        widths: [8, 12, 22, 32], depths: [2, 2, 3, 2], heads: [2, 2, 2, 2], embedding: 16)

    private static func filled(_ configuration: EdgeFaceConfiguration) throws -> EdgeFace {
        let network = try EdgeFace(configuration, in: Context(seed: 1))
        var state: [String: Tensor] = [:]
        for (key, tensor) in network.stateDict() { state[key] = try Formula.weight(key, tensor.shape) }
        try network.load(state)
        return network
    }

    @Test func agreesWithTimm() throws {
        let expected = try SafeTensors.read(fixture("edgeface.safetensors"))
        let network = try Self.filled(Self.narrow)
        let images = try Formula.uniform("images", [2, 3, 64, 64]).requiresGrad_()
        let output = try network(images)
        try expectClose(output, expected["output"], 1e-4)

        try (output * Formula.uniform("probe", [2, 16])).sum().backward()
        try expectClose(try images.grad, expected["gradient.images"], 1e-4)
        let parameters = Dictionary(
            uniqueKeysWithValues: network.namedParameters().map { ($0.key, $0.tensor) })
        var compared = 0
        for (key, value) in expected where key.hasPrefix("gradient.") && key != "gradient.images" {
            let name = String(key.dropFirst("gradient.".count))
            try expectClose(try #require(parameters[name], "no parameter \(name)").grad, value, 1e-4, name)
            compared += 1
        }
        #expect(compared == 9)
    }

    @Test func frozenNetworkGivesTheSameImageGradient() throws {
        let expected = try SafeTensors.read(fixture("edgeface.safetensors"))
        let network = try Self.filled(Self.narrow)
        try network.requiresGrad_(false)
        let images = try Formula.uniform("images", [2, 3, 64, 64]).requiresGrad_()
        try (network(images) * Formula.uniform("probe", [2, 16])).sum().backward()
        try expectClose(try images.grad, expected["gradient.images"], 1e-4)
        #expect(try network.parameters().allSatisfy { try $0.grad == nil })
    }

    @Test func xxsHasThePublishedSize() throws {
        let network = try EdgeFace(in: Context(seed: 1))
        #expect(network.parameterCount == 1_244_744)
        #expect(network.stateDict().count == 160)
    }

    @Test(.enabled(if: Shared.edgeFace != nil, Shared.hint))
    func publishedWeightsReproduceTheirReference() throws {
        let folder = try #require(Shared.edgeFace)
        let network = try EdgeFace(in: Context(seed: 1))
        try network.load(contentsOf: folder.appending(path: "edgeface_xxs.safetensors").path)
        let reference = try SafeTensors.read(
            folder.appending(path: "edgeface_xxs_reference.safetensors").path)
        let input = try #require(reference["input"])
        let output = try noGrad { () throws(TorchError) in try network(input) }
        try expectClose(output, reference["output"], 1e-4)
        let lengths = try network.embed(input).norm([1]).floats()
        #expect(lengths.allSatisfy { abs($0 - 1) < 1e-5 })
    }

    @Test func embeddingsDoNotDependOnTheBatch() throws {
        let network = try Self.filled(Self.narrow)
        let images = try Formula.uniform("images", [2, 3, 64, 96])
        let both = try network(images)
        try expectClose(try network(images.narrow(0, 1, 1)), try both.narrow(0, 1, 1), 1e-5)
    }

    @Test(arguments: [[3, 112, 112], [1, 1, 112, 112], [1, 3, 16, 112]])
    func wrongInputIsExplained(shape: [Int]) throws {
        let network = try Self.filled(Self.narrow)
        let error = try #require(throws: TorchError.self) { _ = try network(Tensor.zeros(shape)) }
        #expect(error.description.contains("\(shape)"))
    }

    @Test func impossibleConfigurationsAreExplained() throws {
        func message(_ change: (inout EdgeFaceConfiguration) -> Void) throws -> String {
            var configuration = EdgeFaceConfiguration.xxs
            change(&configuration)
            return try #require(throws: TorchError.self) {
                _ = try EdgeFace(configuration, in: Context(seed: 1))
            }.description
        }
        #expect(
            try message { $0.widths = [24] }
                == "EdgeFace: widths has 1 entries, expected one for each of 4 stages")
        #expect(
            try message { $0.heads = [4, 5, 4, 4] }
                == "EdgeFace: stage 1: width 48 is not a multiple of 5 heads")
        #expect(try message { $0.kernels[2] = 4 } == "EdgeFace: stage 2: kernel 4 is even")
        #expect(try message { $0.globalBlocks[3] = 3 } == "EdgeFace: stage 3: 3 SDTA blocks of 2 blocks")
        #expect(
            try message { $0.scales[1] = 1 } == "EdgeFace: stage 1: width 48 cannot be split into 1 scales")
    }

    @Test func weightsOfAnotherNetworkAreRefused() throws {
        let network = try EdgeFace(in: Context(seed: 1))
        let other = try Self.filled(Self.narrow).stateDictionary()
        let error = try #require(throws: TorchError.self) { try network.load(other, source: "narrow") }
        #expect(error.description.hasPrefix("narrow does not fit the network"))
    }
}
