import NN
import ReID
import Testing
import Torch

@Suite("Classifier losses") struct ClassifierLossTests {
    let reference: LossReference

    init() throws { reference = try LossReference() }

    func expect(
        _ name: String, tolerance: Double = 1e-5, sourceLocation: SourceLocation = #_sourceLocation,
        _ make: (Context) throws -> ClassifierLoss
    ) throws {
        try reference.expect(
            name, tolerance: tolerance,
            { context in
                let loss = try make(context)
                let named = Dictionary(
                    uniqueKeysWithValues: loss.namedParameters().map { ($0.key, $0.tensor) })
                return (named, { (x, y) throws(TorchError) in try loss(x, labels: y) })
            }, sourceLocation: sourceLocation)
    }

    @Test("softmax equals the reference, with smoothing, bias and huge logits") func softmax() throws {
        func make(_ smoothing: Double, bias: Bool = false) -> (Context) throws -> ClassifierLoss {
            { try SoftmaxLoss(dimension: 8, classes: 5, labelSmoothing: smoothing, bias: bias, in: $0) }
        }
        try expect("softmax", make(0))
        try expect("softmax.smooth", make(0.1))
        try expect("softmax.bias", make(0, bias: true))
        try expect("softmax.huge", make(0.1))
    }

    func cosine(
        _ scale: CosineSoftmaxLoss.Scale = .fixed(30), _ margin: CosineSoftmaxLoss.Margin = .none,
        smoothing: Double = 0
    ) -> (Context) throws -> ClassifierLoss {
        {
            try CosineSoftmaxLoss(
                dimension: 8, classes: 5, scale: scale, margin: margin, labelSmoothing: smoothing, in: $0)
        }
    }

    @Test("cosine softmax equals the reference, with a fixed and a learned scale") func cosineSoftmax() throws
    {
        try expect("cosine", cosine())
        try expect("cosine.smooth", cosine(.fixed(16), smoothing: 0.1))
        try expect("cosine.learned", cosine(.learned(initial: 3)))
        // Cosines have an absolute error of about 1e-7 in float32, which the scale magnifies.
        try expect("cosine.huge", tolerance: 1e-3, cosine(.fixed(4096)))
    }

    @Test("margins equal the reference, near 0, beyond π - m and opposed") func margins() throws {
        try expect("cosface", cosine(.fixed(30), .additiveCosine(0.35)))
        try expect("arcface", cosine(.fixed(30), .additiveAngular(0.5)))
        // Where cos θ is nearly 1, float32 holds sin θ to three digits only.
        try expect(
            "arcface.easy", tolerance: 1e-3,
            cosine(.fixed(4), .additiveAngular(0.5, easy: true), smoothing: 0.1))
        try expect("arcface.near", tolerance: 1e-3, cosine(.fixed(4), .additiveAngular(0.5)))
        try expect("arcface.exact", cosine(.fixed(8), .additiveAngular(0.5)))
    }

    @Test("circle softmax equals the reference") func circle() throws {
        try expect("circle.softmax") { try CircleSoftmaxLoss(dimension: 8, classes: 5, in: $0) }
        try expect("circle.softmax.smooth") {
            try CircleSoftmaxLoss(
                dimension: 8, classes: 5, scale: 16, margin: 0.25, labelSmoothing: 0.1, in: $0)
        }
    }

    @Test("ArcFace never gives NaN within rounding of ±1, and a margin of 0 is none") func arcFaceIsSafe()
        throws
    {
        let context = try Context(seed: 3)
        let arc = try CosineSoftmaxLoss(
            dimension: 64, classes: 200, margin: .additiveAngular(0.5), in: context)
        let labels = try Tensor((0..<200).map { Int64($0) }, shape: [200])
        for sign in [1.0, -1.0] {
            for noise in [0, 1e-7, 1e-4, 1e-2] {
                let jitter = try Tensor.randn([200, 64], in: context) * noise
                let features = try ((arc.weight.detach() + jitter) * sign).requiresGrad_()
                let loss = try arc(features, labels: labels)
                try loss.backward()
                #expect(try loss.item().isFinite)
                #expect(try #require(try features.grad).allFinite())
                #expect(try #require(try features.grad).abs().amax().item() < 100)
            }
        }
        let features = try Tensor.randn([200, 64], in: context)
        let plain = try CosineSoftmaxLoss(dimension: 64, classes: 200, in: context)
        let zero = try CosineSoftmaxLoss(
            dimension: 64, classes: 200, margin: .additiveAngular(0), in: context)
        try zero.copy(from: plain)
        let difference = try plain(features, labels: labels) - zero(features, labels: labels)
        #expect(try difference.abs().item() < 1e-6)
    }

    @Test("a feature of length 0 has cosine 0 and no gradient") func zeroFeature() throws {
        let loss = try CosineSoftmaxLoss(dimension: 4, classes: 3, in: Context(seed: 1))
        let features = try Tensor(values: [0, 0, 0, 0, 1, 2, 3, 4], shape: [2, 4]).requiresGrad_()
        let scores = try loss.scores(features)
        #expect(try scores[0].floats() == [0, 0, 0])
        try loss(features, labels: Tensor([Int64(0), 1], shape: [2])).backward()
        let gradient = try #require(try features.grad)
        #expect(try gradient[0].floats() == [0, 0, 0, 0])
        #expect(try gradient[1].abs().amax().item() > 0)
    }

    @Test("accuracy ranks by scores without the margin") func accuracy() throws {
        let loss = try CosineSoftmaxLoss(
            dimension: 2, classes: 2, margin: .additiveAngular(1.5), in: Context(seed: 1))
        _ = try noGrad { () throws(TorchError) in
            try loss.weight.copy_(Tensor(values: [1, 0, 0, 1], shape: [2, 2]))
        }
        let features = try Tensor(values: [2, 1, 1, 3, 5, 1, 1, 9], shape: [4, 2])
        let labels = try Tensor([Int64(0), 1, 1, 1], shape: [4])
        #expect(try loss.lossAndAccuracy(features, labels: labels).accuracy.item() == 0.75)
        let logits = try loss.logits(features).floats()
        #expect(abs(logits[0] - 30 * 2 / 5.0.squareRoot().float) < 1e-4)
    }

    @Test("wrong shapes, labels and settings are named") func refusals() throws {
        let context = try Context(seed: 1)
        let loss = try SoftmaxLoss(dimension: 4, classes: 3, in: context)
        let features = try Tensor.zeros([2, 4])
        func message(_ features: Tensor, _ labels: [Int64]) -> String {
            do {
                _ = try loss(features, labels: Tensor(labels, shape: [labels.count]))
                return ""
            } catch { return "\(error)" }
        }
        #expect(message(features, [0, 3]).contains("labels from 0 to 3; expected class labels in 0 ..< 3"))
        #expect(message(features, [-1, 0]).contains("labels from -1 to 0"))
        #expect(message(features, [0]).contains("expected int64 [2]"))
        #expect(try message(Tensor.zeros([2, 5]), [0, 1]).contains("dimension 5; it was made for 4"))
        #expect(try message(Tensor.zeros([0, 4]), []).contains("N > 0"))
        #expect(throws: TorchError.self) { try SoftmaxLoss(dimension: 4, classes: 1, in: context) }
        #expect(throws: TorchError.self) {
            try SoftmaxLoss(dimension: 4, classes: 3, labelSmoothing: 1, in: context)
        }
        for scale in [0, -1, Double.infinity, .nan] {
            #expect(throws: TorchError.self) {
                try CosineSoftmaxLoss(dimension: 4, classes: 3, scale: .fixed(scale), in: context)
            }
        }
        for margin in [
            CosineSoftmaxLoss.Margin.additiveAngular(2), .additiveAngular(.nan), .additiveCosine(-1),
        ] {
            #expect(throws: TorchError.self) {
                try CosineSoftmaxLoss(dimension: 4, classes: 3, margin: margin, in: context)
            }
        }
        #expect(throws: TorchError.self) {
            try CircleSoftmaxLoss(dimension: 4, classes: 3, margin: 2, in: context)
        }
    }
}

extension Double {
    fileprivate var float: Float { Float(self) }
}
