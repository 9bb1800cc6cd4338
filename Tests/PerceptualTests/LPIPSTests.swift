import NN
import Perceptual
import Testing
import Torch

/// Values come from Tools/reference/lpips.py (the `lpips` package).
@Suite struct LPIPSTests {
    private struct Reference {
        let stored = try? SafeTensors.read(fixture("lpips.safetensors"))

        /// [2, 3, 64, 64] in [-1, 1].
        func images(_ name: String) throws -> Tensor {
            try #require(stored?[name]).to(dtype: .float32) / 127.5 - 1
        }
    }

    private static func formula(_ trunk: LPIPSTrunk) throws -> LPIPS {
        let metric = try LPIPS(trunk, in: Context(seed: 1))
        var state: [String: Tensor] = [:]
        for (key, tensor) in metric.stateDict() { state[key] = try Formula.weight(key, tensor.shape) }
        try metric.load(state)
        return metric
    }

    private func check(_ metric: LPIPS, _ kind: String) throws {
        let reference = Reference()
        let prefix = "\(metric.trunk.rawValue).\(kind)"
        let damaged = try reference.images("damaged").requiresGrad_()
        let target = try metric.features(of: reference.images("references"))
        let features = try metric.features(of: damaged)
        let distance = try metric.distance(target, features)
        try expectClose(distance, reference.stored?["\(prefix).distance"], 1e-4, "distance")
        try expectClose(metric.map(target, features), reference.stored?["\(prefix).map"], 1e-4, "map")
        try distance.sum().backward()
        try expectClose(try damaged.grad, reference.stored?["\(prefix).gradient"], 2e-4, "gradient")
    }

    @Test(arguments: LPIPSTrunk.allCases)
    func agreesWithThePackage(trunk: LPIPSTrunk) throws { try check(Self.formula(trunk), "formula") }

    @Test(
        .enabled(
            if: Cache.path("lpips_alex.safetensors") != nil && Cache.path("lpips_vgg.safetensors") != nil,
            Cache.hint),
        arguments: LPIPSTrunk.allCases)
    func publishedWeightsAgreeWithThePackage(trunk: LPIPSTrunk) throws {
        let metric = try LPIPS(trunk, in: Context(seed: 1))
        try metric.load(contentsOf: #require(Cache.path("lpips_\(trunk.rawValue).safetensors")))
        try check(metric, "published")
    }

    @Test func equalImagesHaveNoDistanceAndAFiniteGradient() throws {
        let metric = try Self.formula(.alex)
        // Black images leave channels, and after the rectifier whole positions, at zero.
        for value in [-1.0, 0, 1] {
            let images = try Tensor.full([1, 3, 64, 64], value).requiresGrad_()
            let distance = try metric(images, images)
            #expect(try distance.item() == 0)
            try distance.sum().backward()
            let gradient = try images.grad
            #expect(try gradient?.allFinite() == true)
        }
    }

    @Test func positionsWithoutAnyActivationHaveAFiniteGradient() throws {
        let metric = try LPIPS(.alex, in: Context(seed: 1))
        var state: [String: Tensor] = [:]
        for (key, tensor) in metric.stateDict() {
            // A strongly negative bias: nothing passes the first rectifier.
            state[key] = key == "features.0.bias" ? try Tensor.full(tensor.shape, -1e6) : tensor
        }
        try metric.load(state)
        let first = try Formula.uniform("a", [1, 3, 64, 64]).requiresGrad_()
        let distance = try metric(first, Formula.uniform("b", [1, 3, 64, 64]))
        try distance.sum().backward()
        #expect(try distance.item() == 0)
        let gradient = try first.grad
        #expect(try gradient?.allFinite() == true)
    }

    @Test func targetsCanBeCachedAndSelected() throws {
        let metric = try Self.formula(.alex)
        let a = try Formula.uniform("a", [2, 3, 64, 64])
        let b = try Formula.uniform("b", [2, 3, 64, 64])
        let whole = try metric(a, b)
        let cached = try metric.features(of: a).detached()
        let second = try cached.select(Tensor([1], shape: [1]))
        let alone = try metric.distance(second, metric.features(of: b.narrow(0, 1, 1)))
        try expectClose(alone, whole.narrow(0, 1, 1), 1e-5)
        // Distance is symmetric.
        try expectClose(metric(b, a), whole, 1e-6)
    }

    @Test func weightsLimitTheRegion() throws {
        let metric = try Self.formula(.alex)
        let a = try Formula.uniform("a", [2, 3, 64, 64])
        let b = try Formula.uniform("b", [2, 3, 64, 64])
        let (fa, fb) = (try metric.features(of: a), try metric.features(of: b))
        try expectClose(
            metric.distance(fa, fb, weights: Tensor.ones([2, 1, 64, 64])), metric.distance(fa, fb), 1e-5)
        #expect(try metric.distance(fa, fb, weights: Tensor.zeros([1, 1, 64, 64])).floats() == [0, 0])

        // Images that differ in their lower half only: weights on it raise the distance, on the far upper part lower it.
        let mixed = try Tensor.cat([a.narrow(2, 0, 32), b.narrow(2, 32, 32)], dim: 2)
        let top = try Tensor.cat([Tensor.ones([1, 1, 32, 64]), Tensor.zeros([1, 1, 32, 64])], dim: 2)
        let fm = try metric.features(of: mixed)
        let everywhere = try metric.distance(fa, fm).floats()
        let lower = try metric.distance(fa, fm, weights: 1 - top).floats()
        let upper = try metric.distance(fa, fm, weights: top).floats()
        for index in 0..<2 {
            #expect(lower[index] > everywhere[index])
            #expect(upper[index] < everywhere[index])
        }
    }

    @Test func parametersAreFrozen() throws {
        let metric = try Self.formula(.alex)
        #expect(metric.parameters().allSatisfy { !$0.requiresGrad })
        #expect(!metric.isTraining)
        #expect(metric.parameterCount == 2_469_696 + 1_152)
    }

    @Test func wrongImagesAreExplained() throws {
        let metric = try Self.formula(.alex)
        for shape in [[3, 64, 64], [1, 1, 64, 64], [1, 3, 30, 64]] {
            let error = try #require(throws: TorchError.self) { _ = try metric.features(of: .zeros(shape)) }
            #expect(
                error.description
                    == "LPIPS (alex): images are \(shape), expected [batch, 3, height, width] with sides of at least 31"
            )
        }
        let (small, large) = (
            try metric.features(of: .zeros([1, 3, 64, 64])), try metric.features(of: .zeros([1, 3, 64, 96]))
        )
        #expect(throws: TorchError.self) { _ = try metric.distance(small, large) }
    }

    @Test(arguments: [(LPIPSTrunk.alex, 31), (.vgg, 16)])
    func smallestImagesWork(trunk: LPIPSTrunk, side: Int) throws {
        let metric = try Self.formula(trunk)
        let value = try metric(
            Formula.uniform("a", [1, 3, side, side]), Formula.uniform("b", [1, 3, side, side])
        ).item()
        #expect(value > 0)
    }
}
