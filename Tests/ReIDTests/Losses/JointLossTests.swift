import Configuration
import NN
import ReID
import Testing
import Torch

@Suite("JointLoss") struct JointLossTests {
    let raw: Tensor
    let neck: Tensor
    let labels: Tensor

    init() throws {
        let generator = try Generator(seed: 9)
        raw = try Tensor.randn([6, 8], generator: generator)
        neck = try Tensor.randn([6, 8], generator: generator)
        labels = try Tensor([Int64(0), 0, 1, 1, 2, 2], shape: [6])
    }

    func everything() -> JointLossConfiguration {
        var configuration = JointLossConfiguration()
        configuration.circle.weight = 0.5
        configuration.centre.weight = 1e-3
        configuration.attributes.weight = 0.25
        return configuration
    }

    @Test("the default is a cosine softmax after the neck and hard triplets on the raw feature")
    func defaults() throws {
        let joint = try JointLoss(JointLossConfiguration(), dimension: 8, classes: 3, in: Context(seed: 1))
        #expect(joint.accuracy == nil)
        let losses = try joint(raw: raw, neck: neck, labels: labels)
        #expect(losses.terms.map(\.name) == ["softmax", "triplet"])
        #expect(joint.namedParameters().map(\.key) == ["classifier.weight"])
        let softmax = try CosineSoftmaxLoss(
            dimension: 8, classes: 3, labelSmoothing: 0.1, in: Context(seed: 1))
        let expected = [
            try softmax(neck, labels: labels).item(),
            try BatchHardTripletLoss(margin: 0.3)(raw, labels: labels).item(),
        ]
        #expect(try losses.terms.map { try $0.value.item() } == expected)
        #expect(abs(try losses.total().item() - expected[0] - expected[1]) < 1e-5)
        let accuracy = try softmax.lossAndAccuracy(neck, labels: labels).accuracy.item()
        #expect(try #require(joint.accuracy).item() == accuracy)
    }

    @Test("every term sees the feature that it is told to") func features() throws {
        var configuration = everything()
        let heads = [AttributeHeads.Head(name: "hat", classes: 2)]
        let known = try Tensor([Int64(0), 1, 0, 1, -1, 1], shape: [6, 1])
        for feature in JointLossConfiguration.Feature.allCases {
            configuration.classifier.feature = feature
            configuration.triplet.feature = feature
            configuration.circle.feature = feature
            configuration.centre.feature = feature
            configuration.attributes.feature = feature
            let joint = try JointLoss(
                configuration, dimension: 8, classes: 3, attributes: heads, attributeCounts: [[5, 3]],
                in: Context(seed: 1))
            let (a, b) = (try raw.clone().requiresGrad_(), try neck.clone().requiresGrad_())
            let losses = try joint(raw: a, neck: b, labels: labels, attributes: known)
            #expect(losses.terms.map(\.name) == ["softmax", "triplet", "circle", "centre", "attributes"])
            #expect(losses.terms.map(\.weight) == [1, 1, 0.5, 1e-3, 0.25])
            for term in losses.terms {
                let gradients = try Autograd.grad(
                    outputs: [term.value], inputs: [a, b], retainGraph: true)
                #expect((gradients[0] != nil) == (feature == .raw), "\(term.name)")
                #expect((gradients[1] != nil) == (feature == .neck), "\(term.name)")
            }
        }
    }

    @Test("the configuration chooses every kind") func kinds() throws {
        let context = try Context(seed: 1)
        func classifier(_ kind: JointLossConfiguration.Classifier.Kind) throws -> ClassifierLoss {
            var configuration = JointLossConfiguration.Classifier()
            configuration.kind = kind
            return try configuration.make(dimension: 8, classes: 3, in: context)
        }
        #expect(try classifier(.softmax) is SoftmaxLoss)
        #expect(try classifier(.circle) is CircleSoftmaxLoss)
        #expect(try (classifier(.cosine) as? CosineSoftmaxLoss)?.margin == CosineSoftmaxLoss.Margin.none)
        #expect(try (classifier(.arcface) as? CosineSoftmaxLoss)?.margin == .additiveAngular(0.5))
        #expect(try (classifier(.cosface) as? CosineSoftmaxLoss)?.margin == .additiveCosine(0.35))
        #expect(try (classifier(.cosine) as? CosineSoftmaxLoss)?.scale() == 30)
        var configuration = JointLossConfiguration.Classifier()
        configuration.learnsScale = true
        configuration.scale = 20
        let learned = try #require(
            try configuration.make(dimension: 8, classes: 3, in: context) as? CosineSoftmaxLoss)
        #expect(abs(try learned.scale() - 20) < 1e-4)
        #expect(learned.namedParameters().map(\.key) == ["weight", "log_scale"])
        var triplet = JointLossConfiguration.Triplet()
        #expect(triplet.make() as? BatchHardTripletLoss == BatchHardTripletLoss(margin: 0.3))
        triplet.kind = .batchAll
        #expect(triplet.make() as? BatchAllTripletLoss == BatchAllTripletLoss(margin: 0.3))
        (triplet.kind, triplet.margin) = (.weighted, nil)
        #expect(triplet.make() as? WeightedTripletLoss == WeightedTripletLoss())
    }

    @Test("is read from JSON5 and overrides") func reading() throws {
        let read = try JointLossConfiguration.load(
            json5:
                "{ classifier: { kind: 'arcface', margin: 0.3 }, triplet: { margin: null, kind: 'weighted' } }",
            overrides: ["centre.weight=5e-4", "classifier.feature=raw", "triplet.normalises=true"])
        var expected = JointLossConfiguration()
        expected.classifier.kind = .arcface
        expected.classifier.margin = 0.3
        expected.classifier.feature = .raw
        expected.triplet.kind = .weighted
        expected.triplet.margin = nil
        expected.triplet.normalises = true
        expected.centre.weight = 5e-4
        #expect(read == expected)
        let again = try JointLossConfiguration.load(json5: read.json())
        #expect(again == expected)
    }

    @Test(
        "contradictions are refused",
        arguments: [
            "{ classifier: { weight: -1 } }", "{ classifier: { weight: 0 }, triplet: { weight: 0 } }",
            "{ classifier: { kind: 'cosine', margin: 0.5 } }",
            "{ classifier: { kind: 'arcface', margin: 2 } }",
            "{ classifier: { kind: 'cosface', margin: 1.5 } }", "{ classifier: { scale: 0 } }",
            "{ classifier: { labelSmoothing: 1 } }", "{ classifier: { kind: 'softmax', learnsScale: true } }",
            "{ triplet: { margin: -0.1 } }", "{ circle: { margin: 3 } }", "{ centre: { rate: 2 } }",
            "{ attributes: { balance: -1 } }", "{ classifier: { kind: 'magface' } }", "{ tripplet: {} }",
        ]) func refusedConfigurations(_ text: String)
    {
        #expect(throws: ConfigurationError.self) { try JointLossConfiguration.load(json5: text) }
    }

    @Test("missing attributes are named") func missingAttributes() throws {
        let context = try Context(seed: 1)
        #expect(throws: TorchError.self) {
            try JointLoss(everything(), dimension: 8, classes: 3, in: context)
        }
        let joint = try JointLoss(
            everything(), dimension: 8, classes: 3, attributes: [.init(name: "hat", classes: 2)], in: context)
        #expect(throws: TorchError.self) { try joint(raw: raw, neck: neck, labels: labels) }
        var refused = JointLossConfiguration()
        refused.triplet.margin = -1
        #expect(throws: TorchError.self) { try JointLoss(refused, dimension: 8, classes: 3, in: context) }
    }

    @Test("normalised triplets ignore the features' length") func normalisedTriplets() throws {
        var configuration = JointLossConfiguration()
        configuration.classifier.weight = 0
        configuration.triplet.normalises = true
        let joint = try JointLoss(configuration, dimension: 8, classes: 3, in: Context(seed: 1))
        let once = try joint(raw: raw, neck: neck, labels: labels).total().item()
        let longer = try joint(raw: raw * 8, neck: neck, labels: labels).total().item()
        #expect(abs(once - longer) < 1e-6)
        #expect(joint.parameters().isEmpty)
        #expect(joint.accuracy == nil)
    }
}
