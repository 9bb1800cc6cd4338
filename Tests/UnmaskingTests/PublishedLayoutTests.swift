import Foundation
import NN
import Testing
import Torch
import Unmasking

/// The published sizes: key names, shapes, and values at sparse pixels. One after the other, for memory's sake.
@Suite(.serialized) struct PublishedLayoutTests {
    func expectKeys(of module: Module, _ name: String) throws {
        let data = try Data(contentsOf: Reference.fixtures.appending(path: "stylegan2-keys.json"))
        let all = try JSONDecoder().decode([String: [String: [Int]]].self, from: data)
        let actual = Dictionary(uniqueKeysWithValues: module.stateDict().map { ($0.key, $0.tensor.shape) })
        #expect(actual == all[name])
    }

    @Test(arguments: [256, 1024])
    func generator(size: Int) throws {
        let generator = try StyleGAN2Generator(.published(size: size), in: Context(seed: 1))
        try expectKeys(of: generator, "generator.\(size)")
        try Reference.fill(generator)
        let image = try noGrad { () throws(TorchError) in try generator(Reference.hashed("z", [1, 512])) }
        let sparse = try image.slice(dim: 2, from: 3, step: size / 32).slice(dim: 3, from: 5, step: size / 32)
        let fixture = try Reference.read("stylegan2.safetensors")
        try expectParity(sparse, fixture["published.generator.\(size)"], "generator \(size)")
    }

    @Test(arguments: [256, 1024])
    func discriminator(size: Int) throws {
        let discriminator = try StyleGAN2Discriminator(.published(size: size), in: Context(seed: 1))
        try expectKeys(of: discriminator, "discriminator.\(size)")
        try Reference.fill(discriminator)
        let logits = try noGrad { () throws(TorchError) in
            try discriminator(Reference.hashed("real", [1, 3, size, size]))
        }
        let fixture = try Reference.read("stylegan2.safetensors")
        try expectParity(logits, fixture["published.discriminator.\(size)"], "discriminator \(size)")
    }
}
