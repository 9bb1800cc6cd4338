import NN
import ReID
import Testing
import Torch

@Suite struct EmbeddingNetworkTests {
    static func isChannelsLast(_ x: Tensor) -> Bool {
        let (shape, strides) = (x.shape, x.strides)
        return strides == [shape[1] * shape[2] * shape[3], 1, shape[1] * shape[3], shape[1]]
    }

    private static func images(_ batch: Int = 2, seed: UInt64 = 3) throws -> Tensor {
        try Tensor.randn([batch, 3, 64, 32], generator: Generator(seed: seed))
    }

    private static func network(
        _ dtype: ScalarType = .float32, _ change: (inout EmbeddingNetworkConfiguration) -> Void = { _ in }
    ) throws -> EmbeddingNetwork {
        var configuration = EmbeddingNetworkConfiguration()
        change(&configuration)
        return try EmbeddingNetwork(configuration, in: Context(dtype: dtype, seed: 1))
    }

    @Test(arguments: BackboneKind.allCases)
    func shapesFollowTheDocument(kind: BackboneKind) throws {
        let isOSNet = kind.rawValue.hasPrefix("osnet")
        for lastStride in isOSNet ? [1] : [1, 2] {
            let backbone = try kind.make(lastStride: lastStride, in: Context(seed: 1)).evaluate()
            #expect(backbone.strides == [16 * lastStride, 16 * lastStride])
            let map = try noGrad { () throws(TorchError) in try backbone(.zeros([1, 3, 72, 40])) }
            let rounding: FloatingPointRoundingRule = isOSNet ? .down : .up
            let expected = [72, 40].map { Int((Double($0) / Double(16 * lastStride)).rounded(rounding)) }
            #expect(map.shape == [1, backbone.channels] + expected)
        }
    }

    /// In training too, and through in-place activations and shortcuts.
    @Test(arguments: BackboneKind.allCases)
    func memoryFormatIsKept(kind: BackboneKind) throws {
        let backbone = try kind.make(lastStride: 1, in: Context(seed: 1))
        for training in [true, false] {
            backbone.train(training)
            let images = try Self.images()
            #expect(Self.isChannelsLast(try backbone(images.channelsLast())))
            #expect(try backbone(images).isContiguous)
        }
    }

    @Test(arguments: BackboneKind.allCases)
    func channelsLastChangesNoValue(kind: BackboneKind) throws {
        // In double precision: untrained networks on few samples amplify the rounding of single precision.
        let (plain, last) = (
            try Self.network(.float64) { $0.backbone = kind },
            try Self.network(.float64) { $0.backbone = kind }
        )
        try last.useChannelsLast()
        try #require(plain.stateDict().map(\.key) == last.stateDict().map(\.key))
        let images = try Self.images().to(dtype: .float64)
        let (a, b) = (try plain.features(images), try last.features(images))
        #expect(Self.isChannelsLast(b.map))
        try Parity.expect(b.raw, a.raw, 1e-9)
        try a.raw.square().sum().backward()
        try b.raw.square().sum().backward()
        for (x, y) in zip(plain.namedParameters(), last.namedParameters()) where x.tensor.rank == 4 {
            try Parity.expect(try y.tensor.grad, try x.tensor.grad, 1e-7, x.key)
            #expect(try y.tensor.grad?.strides == y.tensor.strides, "\(x.key)")
        }
    }

    @Test(arguments: BackboneKind.allCases)
    func foldingChangesNoValue(kind: BackboneKind) throws {
        let network = try Self.network { $0.backbone = kind }
        for seed in 0..<2 {
            _ = try withoutGradients { try network.features(Self.images(4, seed: UInt64(seed))) }
        }
        network.evaluate()
        let images = try Self.images()
        let before = try withoutGradients { try network.features(images).map }
        try network.foldNormalisation()
        let after = try withoutGradients { try network.features(images).map }
        try Parity.expect(after, before, 1e-4)
        #expect(try after.floats() != before.floats(), "nothing was folded")
    }

    @Test func headsGiveTheirShapes() throws {
        let plain = try Self.network { $0.neck = false }
        let images = try Self.images()
        let features = try plain.features(images)
        #expect(features.raw.shape == [2, 1280])
        #expect(try features.raw.floats() == features.neck.floats())

        let network = try Self.network { $0.embedding = 48 }
        #expect(network.dimension == 48)
        #expect(network.stateDictionary()["embedding.weight"]?.shape == [48, 1280])
        #expect(try network.features(images).neck.shape == [2, 48])
        network.evaluate()
        let embedding = try network.embedding(images)
        #expect(try embedding.norm([1]).floats().allSatisfy { abs($0 - 1) < 1e-5 })
        #expect(!embedding.requiresGrad)
    }

    @Test func neckBiasCannotBeTrained() throws {
        let network = try Self.network()
        try network.requiresGrad_(true)
        #expect(!network.namedParameters().contains { $0.key == "neck.bias" })
        #expect(network.stateDictionary()["neck.bias"]?.shape == [1280])
        try network.features(Self.images()).neck.sum().backward()
        #expect(try network.neck?.bias.grad == nil)
    }

    @Test func neckNormalisesTheBatch() throws {
        let neck = try BNNeck(3, in: Context(seed: 1))
        let x = try Tensor(values: [1, 2, 3, 3, 2, 7], shape: [2, 3])
        let y = try neck(x).floats()
        for (value, expected) in zip(y, [-1, 0, -1, 1, 0, 1] as [Float]) {
            #expect(abs(value - expected) < 1e-4)
        }
        #expect(try neck.runningMean.floats().elementsEqual([0.2, 0.2, 0.5]) { abs($0 - $1) < 1e-6 })
        let error = try #require(throws: TorchError.self) { _ = try neck(x.narrow(0, 0, 1)) }
        #expect(error.description.contains("at least two"))
    }

    /// [1, 8] over two positions: gap 4.5, gmp 8, gem with p = 3: ((1 + 512) / 2)^(1/3).
    @Test(arguments: zip(FeaturePooling.allCases, [4.5, 8, 6.353_735] as [Float]))
    func poolingByHand(pooling: FeaturePooling, expected: Float) throws {
        let pool: Module =
            switch pooling {
            case .gap: GlobalAveragePool()
            case .gmp: GlobalMaxPool()
            case .gem: try GeneralisedMeanPool(in: Context(seed: 1))
            }
        let y = try pool(Tensor(values: [1, 8], shape: [1, 1, 2, 1]))
        #expect(y.shape == [1, 1])
        #expect(abs(try y.floats()[0] - expected) < 1e-4)
    }

    @Test func pretrainedKeysMustFit() throws {
        let network = try Self.network()
        var state = network.backbone.stateDictionary()
        state["classifier.1.weight"] = try .zeros([10, 1280])
        state["classifier.1.bias"] = try .zeros([10])
        state["features.0.0.weight"] = try .full([32, 3, 3, 3], 7)
        try network.loadPretrainedBackbone(state, source: "a.pth")
        #expect(
            try network.backbone.stateDictionary()["features.0.0.weight"]!.floats().allSatisfy { $0 == 7 })

        state["features.3.conv.1.0.weight"] = nil
        state["features.18.2.weight"] = try .zeros([1])
        state["features.0.1.bias"] = try .zeros([31])
        let error = try #require(throws: TorchError.self) {
            try network.loadPretrainedBackbone(state, source: "a.pth")
        }
        for part in [
            "a.pth", "features.3.conv.1.0.weight", "features.18.2.weight",
            "features.0.1.bias (file [31], network [32])",
        ] {
            #expect(error.description.contains(part))
        }
    }

    @Test func badInputIsExplained() throws {
        let network = try Self.network()
        let error = try #require(throws: TorchError.self) {
            _ = try network.features(.zeros([2, 1, 64, 32]))
        }
        #expect(error.description.contains("[2, 1, 64, 32]"))
        let stride = try #require(throws: TorchError.self) { _ = try Self.network { $0.lastStride = 3 } }
        #expect(stride.description == "EmbeddingNetwork: lastStride 3: expected 1 or 2")
        #expect(throws: TorchError.self) { _ = try Self.network { $0.embedding = 0 } }
        let osNet = try #require(throws: TorchError.self) {
            _ = try BackboneKind.osNet.make(lastStride: 2, in: Context(seed: 1))
        }
        #expect(osNet.description.hasPrefix("osnet_x1_0: last stride 2, expected 1"))
        let small = try #require(throws: TorchError.self) {
            _ = try OSNet(.quarter, in: Context(seed: 1))(.zeros([1, 3, 64, 12]))
        }
        #expect(small.description.contains("at least 13x13"))
    }
}
