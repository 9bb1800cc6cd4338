import NN
import ReID
import Testing
import Torch

@Suite("Metric losses") struct MetricLossTests {
    static let losses: [(name: String, loss: any MetricLoss)] = [
        ("hard", BatchHardTripletLoss(margin: 0.3)),
        ("hard.soft", BatchHardTripletLoss(margin: nil)),
        ("all", BatchAllTripletLoss(margin: 0.3)),
        ("all.mean", BatchAllTripletLoss(margin: 0.3, averagesActive: false)),
        ("all.soft", BatchAllTripletLoss(margin: nil)),
        ("weighted", WeightedTripletLoss()),
        ("weighted.margin", WeightedTripletLoss(margin: 0.3)),
        ("circle", CirclePairLoss()),
        ("circle.gentle", CirclePairLoss(scale: 4, margin: 0.1)),
    ]

    @Test(
        "equal the reference, also on batches without pairs and on equal features",
        arguments: losses.map(\.name))
    func parity(_ name: String) throws {
        let reference = try LossReference()
        let loss = try #require(Self.losses.first { $0.name == name }).loss
        let cases = ["", "/one person", "/one image each", "/equal", "/doubled", "/long"]
        for suffix in cases {
            try reference.expect(name + suffix) { _ in
                ([:], { (x, y) throws(TorchError) in try loss(x, labels: y) })
            }
        }
    }

    @Test("nothing to compare costs 0, with a gradient of 0", arguments: losses.map(\.name))
    func nothingToCompare(_ name: String) throws {
        let loss = try #require(Self.losses.first { $0.name == name }).loss
        for labels in [[Int64](repeating: 7, count: 4), [3, 1, 2, 0]] {
            let features = try Tensor.randn([4, 6], generator: Generator(seed: 5)).requiresGrad_()
            let value = try loss(features, labels: Tensor(labels, shape: [4]))
            #expect(try value.item() == 0)
            try value.backward()
            #expect(try #require(try features.grad).abs().amax().item() == 0)
        }
        let one = try Tensor.ones([1, 6]).requiresGrad_()
        #expect(try loss(one, labels: Tensor([Int64(0)], shape: [1])).item() == 0)
    }

    @Test("collapsed features cost the margin and stay where they are") func collapse() throws {
        let features = try Tensor.ones([4, 6]).requiresGrad_()
        let labels = try Tensor([Int64(0), 0, 1, 1], shape: [4])
        let value = try BatchHardTripletLoss(margin: 0.25)(features, labels: labels)
        #expect(try value.item() == 0.25)
        try value.backward()
        #expect(try #require(try features.grad).abs().amax().item() == 0)
    }

    @Test("distances of long, close features are not lost in rounding") func rounding() throws {
        // 1000 long, 1/64 apart: |a|² + |b|² - 2ab would be off by more than the distance itself.
        let a = try Tensor.full([1, 4], 500)
        let step = try Tensor(values: [1 / 64, 0, 0, 0], shape: [1, 4])
        let features = try Tensor.cat([a, a + step, a - step * 2, a - step * 2])
        let value = try BatchHardTripletLoss(margin: 1)(
            features, labels: Tensor([Int64(0), 0, 1, 1], shape: [4]))
        // Anchors 0, 1: 1/64 - 2/64 and 1/64 - 3/64; anchors 2, 3: 0 - 2/64.
        #expect(try value.item() == 1 - 7.0 / 4 / 64)
    }

    @Test("half precision features are widened") func halfPrecision() throws {
        let features = try Tensor.randn([4, 6], generator: Generator(seed: 5)).to(dtype: .bfloat16)
        let labels = try Tensor([Int64(0), 0, 1, 1], shape: [4])
        for (_, loss) in Self.losses {
            let value = try loss(features, labels: labels)
            #expect(value.dtype == .float32)
            #expect(try value.item() == loss(features.to(dtype: .float32), labels: labels).item())
        }
    }

    @Test("wrong shapes are named", arguments: losses.map(\.name)) func refusals(_ name: String) throws {
        let loss = try #require(Self.losses.first { $0.name == name }).loss
        #expect(throws: TorchError.self) {
            try loss(Tensor.zeros([3, 4]), labels: Tensor([Int64(0), 1], shape: [2]))
        }
        #expect(throws: TorchError.self) {
            try loss(Tensor.zeros([2, 4, 1]), labels: Tensor([Int64(0), 1], shape: [2]))
        }
        #expect(throws: TorchError.self) {
            try loss(Tensor.zeros([2, 4]), labels: Tensor([Int32(0), 1], shape: [2]))
        }
    }

    @Test("centres equal the reference and move in training only") func centres() throws {
        let reference = try LossReference()
        let start = try reference.tensor("centre/centers")
        try reference.expect("centre") { context in
            let loss = try CenterLoss(dimension: 8, classes: 5, in: context)
            _ = try noGrad { () throws(TorchError) in try loss.centers.copy_(start) }
            return ([:], { (x, y) throws(TorchError) in try loss(x, labels: y) })
        }
        let loss = try CenterLoss(
            dimension: 8, classes: 5, in: Context(dtype: .float64, seed: 1))
        _ = try loss.centers.copy_(start)
        let (x, y) = (try reference.tensor("centre/features"), try reference.tensor("centre/labels"))
        loss.evaluate()
        _ = try loss(x, labels: y)
        #expect(try LossReference.error(loss.centers, start) == 0)
        loss.train()
        _ = try loss(x, labels: y)
        #expect(try LossReference.error(loss.centers, reference.tensor("centre/moved")) < 1e-12)
        #expect(loss.stateDict().map(\.key) == ["centers"])
        #expect(loss.parameters().isEmpty)
    }
}
