import Foundation
import NN
import ReID
import Resources
import Testing
import Torch

/// Values come from Tools/reference/reid_networks.py. One network after the other, for memory's sake.
@Suite(.serialized) struct NetworkParityTests {
    private static func fixture() throws -> [String: Tensor] {
        try SafeTensors.read(NetworkFormula.fixtures.appending(path: "networks.safetensors").path)
    }

    private static func images() throws -> Tensor { try NetworkFormula.uniform("images", [2, 3, 72, 40]) }

    private static func network(
        _ kind: BackboneKind, lastStride: Int = 1, dtype: ScalarType = .float32
    ) throws -> PersonBackbone {
        let network = try kind.make(lastStride: lastStride, in: Context(dtype: dtype, seed: 1))
        try NetworkFormula.fill(network)
        return network
    }

    private static func isStatistic(_ key: String) -> Bool { key.contains(".running_") }

    @Test(arguments: BackboneKind.allCases)
    func keysAndShapesArePublished(kind: BackboneKind) throws {
        let data = try Data(contentsOf: NetworkFormula.fixtures.appending(path: "networks.json"))
        let all = try JSONDecoder().decode([String: [String: [Int]]].self, from: data)
        let state = try kind.make(in: Context(seed: 1)).stateDict()
        let own = Dictionary(uniqueKeysWithValues: state.map { ($0.key, $0.tensor.shape) })
        #expect(own.filter { !$0.key.hasSuffix("num_batches_tracked") } == all[kind.rawValue])
        let norms = own.keys.filter { $0.hasSuffix("running_mean") }
        #expect(own.keys.filter { $0.hasSuffix("num_batches_tracked") }.count == norms.count)
    }

    /// Both memory formats, with and without folded normalisation.
    @Test(arguments: BackboneKind.allCases)
    func featureMapsAgree(kind: BackboneKind) throws {
        let expected = try Self.fixture()
        let images = try Self.images()
        for (name, lastStride) in [("map", 1), ("strided", 2)] {
            if lastStride == 2, kind.rawValue.hasPrefix("osnet") { continue }
            let network = try Self.network(kind, lastStride: lastStride).evaluate()
            func check(_ label: String, _ x: Tensor) throws {
                let map = try noGrad { () throws(TorchError) in try network(x) }
                try Parity.expect(
                    try map.slice(dim: 1, step: 32), expected["\(kind.rawValue).\(name)"], 1e-4,
                    "\(name) \(label)")
            }
            try check("plain", images)
            try check("channels last", images.channelsLast())
            try network.foldNormalisation()
            try check("folded", images.channelsLast())
        }
    }

    /// A training step in double precision: activations, every parameter's gradient, running statistics.
    @Test(arguments: BackboneKind.allCases)
    func trainingStepAgrees(kind: BackboneKind) throws {
        let expected = try Self.fixture()
        func reference(_ name: String) throws -> Tensor { try #require(expected["\(kind.rawValue).\(name)"]) }
        let network = try Self.network(kind, dtype: .float64)
        let images = try Self.images().to(dtype: .float64).channelsLast().requiresGrad_()
        let map = try network(images)
        try Parity.expect(try map.slice(dim: 1, step: 32), try reference("trained"), 1e-9)
        try (map * NetworkFormula.uniform("probe", map.shape).to(dtype: .float64)).sum().backward()

        let gradients = try reference("gradients").array(Double.self)
        let named = network.namedParameters().sorted {
            Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8))
        }
        try #require(gradients.count == 2 * (named.count + 1))
        for (index, (key, tensor)) in (named + [("images", images)]).enumerated() {
            let gradient = try #require(try tensor.grad, "no gradient of \(key)")
            let formula = try NetworkFormula.uniform("gradient.\(key)", gradient.shape).to(dtype: .float64)
            let norm = gradients[2 * index + 1]
            // What a normalisation takes away again (a bias in front of it) has a gradient of rounding errors only.
            let tolerance = 1e-7 * max(norm, 1)
            #expect(
                abs(try (gradient * formula).sum().item() - gradients[2 * index]) <= tolerance, "\(key)")
            #expect(abs(try gradient.norm().item() - norm) <= tolerance, "\(key)")
        }

        let statistics = try reference("statistics").array(Double.self)
        let buffers = network.namedBuffers().filter { Self.isStatistic($0.key) }
            .sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
        try #require(statistics.count == buffers.count)
        for (value, (key, tensor)) in zip(statistics, buffers) {
            let formula = try NetworkFormula.uniform("statistic.\(key)", tensor.shape).to(dtype: .float64)
            #expect(abs(try (tensor * formula).sum().item() - value) <= 1e-9 * max(abs(value), 1), "\(key)")
        }
    }

    @Test func generalisedMeanAgrees() throws {
        let expected = try Self.fixture()
        let pool = try GeneralisedMeanPool(initial: 2.5, in: Context(seed: 1))
        let x = try (NetworkFormula.uniform("gem", [2, 5, 4, 3]) * 2).requiresGrad_()
        let y = try pool(x)
        try Parity.expect(y, expected["gem.output"], 1e-5)
        try (y * NetworkFormula.uniform("gem.probe", [2, 5])).sum().backward()
        try Parity.expect(try x.grad, expected["gem.gradient.input"], 1e-5)
        try Parity.expect(try pool.p.grad, expected["gem.gradient.p"], 1e-5)
    }

    /// Backbones whose ImageNet weights `Scripts/setup --all` installed here.
    private static let installed = BackboneKind.allCases.filter {
        (try? ResourceLocator.standard.weights($0.rawValue)) != nil
    }

    @Test(.enabled(if: !installed.isEmpty, "run Scripts/setup --all"), arguments: installed)
    func installedWeightsFit(kind: BackboneKind) throws {
        let path = try ResourceLocator.standard.weights(kind.rawValue)
        let state = try SafeTensors.read(path)
        let network = try kind.make(in: Context(seed: 1))
        try network.loadPretrained(state, source: path)
        for (key, tensor) in network.stateDict() where !key.hasSuffix("num_batches_tracked") {
            #expect(try tensor.floats() == state[key]?.floats(), "\(key)")
        }
    }
}
