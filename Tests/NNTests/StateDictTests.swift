import Foundation
import NN
import Testing
import Torch

private final class Block: Module {
    @Parameter var scale: Tensor
    @Buffer var kernel: Tensor
    let conv1: Conv2d
    let bn1: BatchNorm2d
    @Child var activation: PReLU
    let downsample: Sequential?

    init(_ width: Int, bias: Bool, in context: Context) throws(TorchError) {
        _scale = try Parameter(.ones([width], in: context))
        _kernel = Buffer(try .ones([2, 2], in: context))
        conv1 = try Conv2d(width, width, kernel: 3, bias: bias, in: context)
        bn1 = try BatchNorm2d(width, in: context)
        _activation = Child(try PReLU(width, in: context), key: "act")
        downsample =
            bias
            ? nil
            : Sequential([
                try Conv2d(width, width, kernel: 1, in: context), try BatchNorm2d(width, in: context),
            ])
        super.init()
    }
}

private final class Stem: Module {
    let conv: Conv2d
    let norm: GroupNorm

    init(in context: Context) throws(TorchError) {
        conv = try Conv2d(3, 4, kernel: 3, in: context)
        norm = try GroupNorm(2, 4, in: context)
        super.init()
    }
}

/// The network whose keys Tools/reference/nn_layers.py stored.
private final class Net: Module {
    let stem: Stem
    let layer1: [Block]
    let heads: [Module]
    @Child var vocabulary: Embedding

    init(seed: UInt64 = 1) throws(TorchError) {
        let context = try Context(seed: seed)
        stem = try Stem(in: context)
        layer1 = [try Block(4, bias: true, in: context), try Block(4, bias: false, in: context)]
        heads = [
            try Linear(4, 2, in: context),
            Sequential([ReLU(), try Linear(4, 3, bias: false, in: context)]),
        ]
        _vocabulary = Child(try Embedding(5, 4, in: context), key: "names")
        super.init()
    }
}

@Suite struct StateDictTests {
    private struct Entry: Decodable, Equatable {
        var key: String
        var shape: [Int]

        init(key: String, shape: [Int]) {
            self.key = key
            self.shape = shape
        }

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            key = try list.decode(String.self)
            shape = try list.decode([Int].self)
        }
    }

    @Test func keysShapesAndOrderArePyTorchs() throws {
        let expected = try Reference.json("keys.json", as: [Entry].self)
        let entries = try Net().stateDict().map { Entry(key: $0.key, shape: $0.tensor.shape) }
        #expect(entries == expected)
    }

    @Test func everyProblemIsInOneErrorAndNothingChanges() throws {
        let net = try Net()
        let before = try net.stateDict().map { try $0.tensor.floats() }
        var state = try Net(seed: 2).stateDictionary()
        state["stem.conv.weight"] = nil
        state["names.weight"] = nil
        state["head.weight"] = try .zeros([2])
        state["layer1.0.bn1.weight"] = try .zeros([5])
        state["layer1.1.conv1.weight"] = try .zeros([4, 4, 1, 1])
        let bad = state
        let error = #expect(throws: TorchError.self) { try net.load(bad, source: "weights.safetensors") }
        #expect(
            error
                == .stateDict(
                    source: "weights.safetensors", missing: ["stem.conv.weight", "names.weight"],
                    unexpected: ["head.weight"],
                    mismatched: [
                        "layer1.0.bn1.weight (file [5], network [4])",
                        "layer1.1.conv1.weight (file [4, 4, 1, 1], network [4, 4, 3, 3])",
                    ]))
        let text = "\(try #require(error))"
        for part in ["weights.safetensors", "missing keys (2)", "unexpected keys (1)", "another shape (2)"] {
            #expect(text.contains(part))
        }
        #expect(try net.stateDict().map { try $0.tensor.floats() } == before)
    }

    /// One kind of problem alone is an error too: a check that is missing would hide behind the others.
    @Test func oneProblemIsEnough() throws {
        let net = try Net()
        let good = try Net(seed: 2).stateDictionary()
        var lacking = good
        lacking["names.weight"] = nil
        var extra = good
        extra["head.weight"] = try .zeros([1])
        var wrong = good
        wrong["names.weight"] = try .zeros([5, 3])
        let kinds = ["missing keys", "unexpected keys", "keys of another shape"]
        for (kind, state) in zip(kinds, [lacking, extra, wrong]) {
            let error = #expect(throws: TorchError.self) { try net.load(state) }
            let text = "\(try #require(error))"
            for other in kinds { #expect(text.contains(other) == (other == kind), "\(text)") }
        }
        try net.load(good)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func refusesNonFiniteWeights(_ value: Double) throws
    {
        let net = try Net()
        let before = try net.stateDict().map { try $0.tensor.floats() }
        let state = try Net(seed: 2).stateDictionary()
        let weight = try #require(state["layer1.1.conv1.weight"])
        try noGrad { () throws(TorchError) in _ = try weight.flatten()[17].fill_(value) }
        let error = #expect(throws: TorchError.self) { try net.load(state, source: "weights.safetensors") }
        let text = "\(try #require(error))"
        #expect(text.contains("weights.safetensors: 'layer1.1.conv1.weight' holds NaN or infinity"))
        #expect(try net.stateDict().map { try $0.tensor.floats() } == before)
        try net.load(state, allowNonFinite: true)
    }

    @Test func aPrefixSelectsAPartOfACheckpoint() throws {
        let (net, other) = (try Net(), try Net(seed: 2))
        let state = other.stateDictionary(prefix: "generator.")
        #expect(throws: TorchError.self) { try net.load(state) }
        try net.load(state, prefix: "generator.")
        for (ours, theirs) in zip(net.stateDict(), other.stateDict()) {
            #expect(try ours.tensor.floats() == theirs.tensor.floats(), "\(ours.key)")
        }
        let block = try Block(4, bias: true, in: Context(seed: 9))
        try block.load(state, prefix: "generator.layer1.0.")
        #expect(try block.conv1.weight.floats() == other.layer1[0].conv1.weight.floats())
        let error = #expect(throws: TorchError.self) { try net.load(state, prefix: "encoder.") }
        #expect("\(try #require(error))".contains("missing keys"))
    }

    @Test func loadingConvertsTypesAndKeepsParametersTrainable() throws {
        let (net, other) = (try Net(), try Net(seed: 2))
        let folder = NSTemporaryDirectory() + "/semblance-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/half.safetensors"
        try other.save(to: path, dtype: .float16)
        #expect(try SafeTensors.read(path)["names.weight"]?.dtype == .float16)
        let handle = net.stem.conv.weight
        try net.load(contentsOf: path)
        #expect(net.stem.conv.weight.isSame(handle), "weights are copied in place")
        #expect(net.parameters().allSatisfy { $0.requiresGrad && $0.isLeaf && $0.dtype == .float32 })
        try expectParity(net.stem.conv.weight, other.stem.conv.weight, "stem.conv.weight", tolerance: 1e-3)
    }

    @Test func oldCheckpointsWithoutBatchCountersLoad() throws {
        let state = try Net(seed: 2).stateDictionary().filter { !$0.key.hasSuffix("num_batches_tracked") }
        try Net().load(state)
    }

    @Test func modesReachEveryModule() throws {
        let net = try Net()
        #expect(net.evaluate().namedModules().allSatisfy { !$0.module.isTraining })
        #expect(net.train().namedModules().allSatisfy { $0.module.isTraining })
        #expect(net.namedModules().map(\.key).contains("layer1.1.downsample.0"))
        try net.requiresGrad_(false)
        #expect(net.parameters().allSatisfy { !$0.requiresGrad })
        #expect(net.parameterCount == net.parameters().reduce(0) { $0 + $1.count })
        #expect(throws: TorchError.self) { try net(.ones([1])) }
    }
}
