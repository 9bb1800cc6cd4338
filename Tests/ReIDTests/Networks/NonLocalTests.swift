import NN
import ReID
import Testing
import Torch

/// Values come from Tools/reference/reid_non_local.py, which forms the matrix of all pairs.
@Suite struct NonLocalTests {
    private static func fixture() throws -> [String: Tensor] {
        try SafeTensors.read(NetworkFormula.fixtures.appending(path: "non_local.safetensors").path)
    }

    /// With the weights of the reference's keys "block.…".
    private static func block(inner: Int, dtype: ScalarType = .float32) throws -> NonLocalBlock {
        let block = try NonLocalBlock(12, inner: inner, in: Context(dtype: dtype, seed: 1))
        for (key, tensor) in block.stateDict() where !key.hasSuffix("num_batches_tracked") {
            let value = try NetworkFormula.weight("block." + key, tensor.shape)
            try noGrad { () throws(TorchError) in _ = try tensor.copy_(value) }
        }
        return block
    }

    @Test(arguments: [("half", 6), ("single", 1)]) func blockAgrees(name: String, inner: Int) throws {
        let expected = try Self.fixture()["block.\(name)"]
        let block = try Self.block(inner: inner).evaluate()
        let x = try NetworkFormula.uniform("x", [2, 12, 5, 3])
        try Parity.expect(try block(x), expected, 1e-5, name)
        try Parity.expect(try block(x.channelsLast()), expected, 1e-5, "channels last")
        let network = try BackboneKind.resNet18.make(nonLocal: .half, in: Context(seed: 5)).evaluate()
        let images = try Tensor.randn([1, 3, 64, 32], generator: Generator(seed: 3))
        let before = try noGrad { () throws(TorchError) in try network(images) }
        try network.foldNormalisation()
        try Parity.expect(try noGrad { () throws(TorchError) in try network(images) }, before, 1e-4, "folded")
        #expect(
            block.stateDict().map(\.key).filter { !$0.contains("running") && !$0.contains("num_") } == [
                "g.weight", "g.bias", "theta.weight", "theta.bias", "phi.weight", "phi.bias", "W.0.weight",
                "W.0.bias", "W.1.weight", "W.1.bias",
            ])
    }

    @Test func gradientsAgree() throws {
        let expected = try Self.fixture()
        let block = try Self.block(inner: 6, dtype: .float64)
        let x = try NetworkFormula.uniform("x", [2, 12, 5, 3]).to(dtype: .float64).requiresGrad_()
        let output = try block(x)
        try (output * NetworkFormula.uniform("probe", output.shape).to(dtype: .float64)).sum().backward()
        try Parity.expect(try x.grad, expected["block.half.x"], 1e-9, "x")
        for (key, tensor) in block.namedParameters() where key != "W.0.bias" {
            try Parity.expect(try tensor.grad, expected["block.half.\(key)"], 1e-8, key)
        }
        // A bias in front of a normalisation is taken away again.
        #expect(try #require(try block.stateDictionary()["W.0.bias"]?.grad).abs().amax().item() < 1e-12)
    }

    @Test(arguments: [
        (BackboneKind.resNet50, NonLocalAttention.half), (.resNet50, .single), (.resNet18, .half),
    ])
    func standsWherePublished(kind: BackboneKind, attention: NonLocalAttention) throws {
        let network = try kind.make(nonLocal: attention, in: Context(dtype: .float64, seed: 1))
        try NetworkFormula.fill(network)
        let images = try NetworkFormula.uniform("images", [2, 3, 72, 40]).to(dtype: .float64)
        let expected = try Self.fixture()["\(kind.rawValue).\(attention.rawValue)"]
        let map = try noGrad { () throws(TorchError) in try network(images.channelsLast()) }
        try Parity.expect(try map.slice(dim: 1, step: 32), expected, 1e-9)
    }

    @Test func aNewBlockChangesNothingAndImageNetWeightsFit() throws {
        let plain = try BackboneKind.resNet18.make(in: Context(seed: 1)).evaluate()
        let network = try BackboneKind.resNet18.make(nonLocal: .half, in: Context(seed: 2)).evaluate()
        try network.loadPretrained(plain.stateDictionary())
        let images = try Tensor.randn([1, 3, 64, 32], generator: Generator(seed: 3))
        let (a, b) = try noGrad { () throws(TorchError) in (try plain(images), try network(images)) }
        try Parity.expect(b, a, 1e-6)
        #expect(
            Set(network.stateDict().map(\.key).filter { $0.hasSuffix("g.weight") }) == [
                "NL_2.0.g.weight", "NL_2.1.g.weight", "NL_3.0.g.weight",
            ])
        // A checkpoint that has attention brings all of it.
        var some = network.stateDictionary()
        some["NL_3.0.g.weight"] = nil
        #expect(throws: TorchError.self) { try network.loadPretrained(some) }
        #expect {
            try BackboneKind.mobileNetV2.make(nonLocal: .half, in: Context(seed: 1))
        } throws: {
            "\($0)".contains("non-local attention 'half' is for ResNets")
        }
    }
}
