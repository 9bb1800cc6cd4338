import NN
import ReID
import Testing
import Torch

@Suite("AttributeHeads") struct AttributeHeadsTests {
    static let heads = [
        AttributeHeads.Head(name: "hat", classes: 2), AttributeHeads.Head(name: "age", classes: 4),
        AttributeHeads.Head(name: "colour", classes: 3),
    ]
    static let counts = [[30, 10], [5, 25, 10, 0], [7, 13, 20]]

    func make(_ context: Context, balance: Double = 0.5, attention: Bool = false) throws -> AttributeHeads {
        try AttributeHeads(
            dimension: 8, heads: Self.heads, counts: Self.counts, balance: balance, hasAttention: attention,
            in: context)
    }

    @Test("equal the reference, balanced, with unknown labels and with attention") func parity() throws {
        let reference = try LossReference()
        let cases = [
            ("attributes", 0.5, false), ("attributes.attention", 1, true),
            ("attributes.one unknown", 0.5, false), ("attributes.all unknown", 0.5, false),
        ]
        for (name, balance, attention) in cases {
            try reference.expect(name) { context in
                let heads = try make(context, balance: balance, attention: attention)
                var parameters = ["weight": heads.classifier.weight]
                parameters["bias"] = heads.classifier.bias
                if let gate = heads.attention {
                    parameters["gate_weight"] = gate.weight
                    parameters["gate_bias"] = gate.bias
                }
                return (parameters, { (x, y) throws(TorchError) in try heads(x, labels: y) })
            }
        }
    }

    @Test("attention starts as none") func attentionStartsNeutral() throws {
        let plain = try make(Context(seed: 4))
        let attentive = try make(Context(seed: 4), attention: true)
        let x = try Tensor.randn([5, 8], generator: Generator(seed: 1))
        #expect(try plain.predictions(x).ints() == attentive.predictions(x).ints())
        for (a, b) in zip(try plain.probabilities(x), try attentive.probabilities(x)) {
            #expect(try (a - b).abs().amax().item() == 0)
        }
        #expect(
            attentive.stateDict().map(\.key) == [
                "class_weights", "classifier.weight", "classifier.bias", "attention.weight", "attention.bias",
            ])
    }

    /// Two classes of 90 and 10 of 100 images, seen through a feature that says nothing: a head that is trained to the end
    /// answers with the weighted frequencies.
    @Test("decisions take the class weights back", arguments: [0.0, 0.5, 1.0])
    func decisions(balance: Double) throws {
        let counts = [[90, 10], [60, 30, 10, 0]]
        let heads = try AttributeHeads(
            dimension: 1, heads: [.init(name: "hat", classes: 2), .init(name: "age", classes: 4)],
            counts: counts, balance: balance, in: Context(seed: 1))
        let likeliest = try heads.factors(for: .likeliest, counts: counts)
        let balanced = try heads.factors(for: .balanced, counts: counts)
        for (attribute, own) in counts.enumerated() {
            let weights = AttributeHeads.classWeights(counts: own, balance: balance)
            let total = Double(own.reduce(0, +))
            for (place, count) in own.enumerated() {
                guard count > 0 else {
                    #expect(balanced[attribute][place] == 0)
                    if balance > 0 { #expect(likeliest[attribute][place] == 0) }
                    continue
                }
                // What training converges to where the feature says nothing, up to a common factor.
                let learned = weights[place] * Double(count) / total
                #expect(abs(learned * likeliest[attribute][place] - Double(count) / total) < 1e-5)
                // What is left of the frequency is its root.
                #expect(
                    abs(learned * balanced[attribute][place] * total / Double(count).squareRoot() - 1) < 1e-5)
            }
        }
        // Without counts nothing is known of the frequencies.
        #expect(try heads.factors(for: .balanced, counts: nil)[0] == [1, 1])
    }

    @Test("probabilities and predictions are per attribute") func predictions() throws {
        let heads = try make(Context(seed: 4))
        let x = try Tensor.randn([6, 8], generator: Generator(seed: 2))
        let probabilities = try heads.probabilities(x)
        #expect(probabilities.map(\.shape) == [[6, 2], [6, 4], [6, 3]])
        let predictions = try heads.predictions(x)
        #expect(predictions.shape == [6, 3])
        for (index, part) in probabilities.enumerated() {
            #expect(try part.sum([1]).floats().allSatisfy { abs($0 - 1) < 1e-6 })
            #expect(try part.argmax(1).ints() == predictions.select(1, index).ints())
        }
        // The second attribute's logits are rows 2 ..< 6 of the one linear layer.
        let logits = try x.linear(heads.classifier.weight, heads.classifier.bias).narrow(1, 2, 4)
        #expect(try (logits.softmax(1) - probabilities[1]).abs().amax().item() < 1e-6)
    }

    @Test("class weights balance and keep the mean") func classWeights() throws {
        #expect(AttributeHeads.classWeights(counts: [30, 10], balance: 0) == [1, 1])
        let full = AttributeHeads.classWeights(counts: [30, 10], balance: 1)
        #expect(abs(full[0] - 2.0 / 3) < 1e-12 && abs(full[1] - 2) < 1e-12)
        #expect(AttributeHeads.classWeights(counts: [8, 0], balance: 1) == [1, 0])
        #expect(AttributeHeads.classWeights(counts: [0, 0], balance: 1) == [1, 1])
        let half = AttributeHeads.classWeights(counts: [90, 10], balance: 0.5)
        #expect(abs(half[1] / half[0] - 3) < 1e-12)
        #expect(abs(half[0] * 0.9 + half[1] * 0.1 - 1) < 1e-12)
    }

    @Test("wrong labels, shapes and counts are named") func refusals() throws {
        let context = try Context(seed: 1)
        let heads = try make(context)
        let x = try Tensor.zeros([1, 8])
        func message(_ labels: [Int64]) -> String {
            do {
                _ = try heads(x, labels: Tensor(labels, shape: [1, labels.count]))
                return ""
            } catch { return "\(error)" }
        }
        #expect(message([0, 0, 0]) == "")
        #expect(message([0, 4, 0]).contains("attribute 'age': labels from 4 to 4; expected 0 ..< 4"))
        #expect(message([0, 0, -2]).contains("attribute 'colour'"))
        #expect(message([0, 0]).contains("expected int64 [1, 3]"))
        #expect(throws: TorchError.self) { try heads(Tensor.zeros([1, 7])) }
        #expect(throws: TorchError.self) { try AttributeHeads(dimension: 8, heads: [], in: context) }
        #expect(throws: TorchError.self) {
            try AttributeHeads(dimension: 8, heads: [.init(name: "hat", classes: 1)], in: context)
        }
        #expect(throws: TorchError.self) {
            try AttributeHeads(dimension: 8, heads: Self.heads, counts: [[1, 2]], in: context)
        }
    }
}
