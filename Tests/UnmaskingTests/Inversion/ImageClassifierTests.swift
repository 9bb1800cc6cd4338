import Foundation
import NN
import Perceptual
import Testing
import Torch
import Unmasking

@Suite(.serialized) struct ImageClassifierTests {
    private func filled(_ architecture: ImageClassifier.Architecture) throws -> ImageClassifier {
        let network = try ImageClassifier(architecture, in: Context(seed: 1)).evaluate()
        try noGrad { () throws(TorchError) in
            for (key, tensor) in network.stateDict() {
                let x = try Reference.hashed(key, tensor.shape)
                let scale =
                    key.hasSuffix("bias")
                    ? 0.125 : (2 / Double(tensor.shape.dropFirst().reduce(1, *))).squareRoot()
                try tensor.copy_(x * scale)
            }
        }
        return network
    }

    @Test(arguments: [(ImageClassifier.Architecture.alexnet, 95), (.vgg16, 64)])
    func logitsAgreeWithReference(architecture: ImageClassifier.Architecture, side: Int) throws {
        let network = try filled(architecture)
        let data = try Data(
            contentsOf: Reference.fixtures.appending(path: "image-classifiers-keys.json"))
        let keys = try JSONDecoder().decode([String: [String: [Int]]].self, from: data)
        let own = Dictionary(uniqueKeysWithValues: network.stateDict().map { ($0.key, $0.tensor.shape) })
        #expect(own == keys[architecture.rawValue])
        let logits = try noGrad { () throws(TorchError) in
            try network(Reference.hashed("image", [1, 3, side, side]))
        }
        try expectParity(
            logits, Reference.read("image-classifiers.safetensors")[architecture.rawValue],
            architecture.rawValue)
    }

    /// Features of one file, linear weights of another, and the classifier left out.
    @Test func alexNetBecomesLPIPS() throws {
        let network = try filled(.alexnet)
        let checkpoint = CheckpointFile(
            path: "alexnet.pth",
            tensors: Dictionary(uniqueKeysWithValues: network.stateDict().map { ($0.key, $0.tensor) }))
        let widths = [64, 192, 384, 256, 256]
        var linear: [String: Tensor] = [:]
        for (index, width) in widths.enumerated() {
            linear["lin\(index).model.1.weight"] = try Reference.hashed("lin\(index)", [1, width, 1, 1]).abs()
        }
        let (lpips, report) = try ImageClassifier.importedLPIPS(
            checkpoint, linear: CheckpointFile(path: "alex.pth", tensors: linear), as: .alexnet)
        #expect(report.leftOut.map(\.keys) == ["classifier.*"] && report.leftOut.first?.count == 6)
        #expect(report.mapped == 15)
        // The same features, compared by hand at the first layer's tap.
        let (a, b) = (try Reference.hashed("a", [1, 3, 64, 64]), try Reference.hashed("b", [1, 3, 64, 64]))
        let shift = try Tensor(values: [-0.030, -0.088, -0.188], shape: [3, 1, 1])
        let scale = try Tensor(values: [0.458, 0.448, 0.450], shape: [3, 1, 1])
        var (x, y) = (try (a - shift) / scale, try (b - shift) / scale)
        var total = 0.0
        var tap = 0
        for (index, layer) in network.features.layers.prefix(12).enumerated() {
            (x, y) = (try layer(x), try layer(y))
            guard [1, 4, 7, 9, 11].contains(index) else { continue }
            let weight = try #require(linear["lin\(tap).model.1.weight"])
            let (u, v) = (try x.l2Normalised(dim: 1, eps: 1e-10), try y.l2Normalised(dim: 1, eps: 1e-10))
            total += try ((u - v).square() * weight).sum([1]).mean().item()
            tap += 1
        }
        let distance = try lpips(a, b).item()
        #expect(abs(distance - total) < 1e-4 * total)

        linear["extra"] = try .zeros([1])
        #expect(throws: ImportError.self) {
            try ImageClassifier.importedLPIPS(
                checkpoint, linear: CheckpointFile(path: "alex.pth", tensors: linear), as: .alexnet)
        }
    }

    @Test func filesAreReadBackAndOthersRefused() throws {
        let path = NSTemporaryDirectory() + "/\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let network = try ImageClassifier(.alexnet, classes: 3, in: Context(seed: 2)).evaluate()
        try network.write(to: path)
        let copy = try ImageClassifier.read(path)
        let image = try ImageClassifier.normalised(
            Tensor.rand([1, 3, 70, 70], generator: Generator(seed: 1)))
        #expect(try (copy(image) - network(image)).abs().amax().item() == 0)
        #expect(try copy(image).shape == [1, 3])
        try SafeTensors.write(["x": .zeros([1])], to: path)
        #expect(throws: UnmaskingError.self) { try ImageClassifier.read(path) }
    }
}
