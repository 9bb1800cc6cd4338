import Foundation
import NN
import Testing
import Torch

private final class Block: Module {
    let conv1: Conv2d
    @Child var norm: BatchNorm2d
    let stages: [Module]
    let extra: Linear?
    @Parameter var unused: Tensor
    @Buffer var kernel: Tensor

    init(in context: Context) throws(TorchError) {
        conv1 = try Conv2d(3, 4, kernel: 3, padding: 1, in: context)
        _norm = Child(try BatchNorm2d(4, in: context), key: "layer.0")
        stages = [ReLU(), Sequential([try Conv2d(4, 2, kernel: 1, bias: false, in: context), GELU()])]
        extra = nil
        _unused = try Parameter(.zeros([1]))
        _kernel = Buffer(try .ones([2, 2]), key: "blur.kernel")
        super.init()
    }

    override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var x = try norm(conv1(x))
        for stage in stages { x = try stage(x) }
        return x
    }
}

/// Some published networks name their parts with a leading underscore.
private final class Underscored: Module {
    @Child var stem: Conv2d
    @Child var blocks: [Linear]

    init(in context: Context) throws(TorchError) {
        _stem = Child(try Conv2d(3, 4, kernel: 3, bias: false, in: context), key: "_conv_stem")
        _blocks = Child([try Linear(4, 4, bias: false, in: context)], key: "_blocks")
        super.init()
    }
}

@Suite struct ModuleTests {
    @Test func givenKeysKeepTheirUnderscore() throws {
        let keys = try Underscored(in: Context(seed: 1)).stateDict().map(\.key)
        #expect(keys == ["_conv_stem.weight", "_blocks.0.weight"])
    }

    @Test func keysFollowDeclarationOrderAndOverrides() throws {
        let block = try Block(in: Context(seed: 1))
        #expect(
            block.stateDict().map(\.key) == [
                "unused", "blur.kernel", "conv1.weight", "conv1.bias", "layer.0.weight", "layer.0.bias",
                "layer.0.running_mean", "layer.0.running_var", "layer.0.num_batches_tracked",
                "stages.1.0.weight",
            ])
        let trainable = block.parameters().allSatisfy { $0.requiresGrad }
        #expect(trainable)
    }

    @Test func trainsAndUpdatesRunningStatistics() throws {
        let context = try Context(seed: 1)
        let block = try Block(in: context)
        let adam = Adam(block.parameters(), rate: 1e-2)
        let x = try Tensor.randn([2, 3, 8, 8], in: context)
        var losses: [Double] = []
        for _ in 0..<20 {
            try adam.zeroGrad()
            let loss = try block(x).square().mean()
            try loss.backward()
            try adam.step()
            losses.append(try loss.item())
        }
        #expect(losses.last! < losses.first!)
        let tracked = try block.norm.batchesTracked.item()
        #expect(tracked == 20)
    }

    @Test func loadListsEveryProblemAtOnce() throws {
        let block = try Block(in: Context(seed: 1))
        var state = block.stateDictionary()
        state["conv1.weight"] = nil
        state["stray"] = try .zeros([1])
        state["layer.0.bias"] = try .zeros([7])
        let dict = state
        let error = #expect(throws: TorchError.self) { try block.load(dict, source: "file.safetensors") }
        let text = "\(try #require(error))"
        #expect(text.contains("missing keys (1): conv1.weight"))
        #expect(text.contains("unexpected keys (1): stray"))
        #expect(text.contains("layer.0.bias (file [7], network [4])"))
    }

    @Test func loadRefusesNaN() throws {
        let block = try Block(in: Context(seed: 1))
        var state = block.stateDictionary()
        state["conv1.bias"] = try .full([4], .nan)
        let error = #expect(throws: TorchError.self) { try block.load(state) }
        #expect("\(try #require(error))".contains("'conv1.bias' holds NaN"))
    }

    @Test func saveAndLoadRoundTrip() throws {
        let path = NSTemporaryDirectory() + "/\(UUID()).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try Block(in: Context(seed: 1))
        let second = try Block(in: Context(seed: 2))
        try first.save(to: path, metadata: ["step": "3"])
        try second.load(contentsOf: path)
        let values = try first.conv1.weight.floats()
        #expect(try second.conv1.weight.floats() == values)
        let metadata = try SafeTensors.metadata(path)
        #expect(metadata == ["step": "3"])
    }
}
