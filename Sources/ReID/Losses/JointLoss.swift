import Configuration
import NN
import Torch
import Training

/// Joint discriminative and metric embedding learning: classification, distances within the batch and attributes, all on
/// one embedding.
///
/// A softmax over normalised features has no gradient along the feature: whatever the features' lengths do, it cannot say.
/// The triplet loss on the un-normalised feature supplies that part, and spares the softmax its margin.
///
/// The terms are named `softmax`, `triplet`, `circle`, `centre` and `attributes`; those of weight 0 are absent. Parameters
/// are `classifier.*`, `attributes.*`; they are needed in training only, but for the attributes'.
public final class JointLoss: Module {
    public let configuration: JointLossConfiguration
    public let classifier: ClassifierLoss?
    public let centre: CenterLoss?
    public let attributes: AttributeHeads?
    private let triplet: any MetricLoss
    private let circle: any MetricLoss

    /// Share of the last batch that the classifier named rightly (without margin), a scalar in 0…1 outside the graph; nil
    /// before the first batch or without a classifier.
    public private(set) var accuracy: Tensor?

    /// - Parameters:
    ///   - dimension: D of the features.
    ///   - classes: number of training people.
    ///   - attributes: what the attribute heads predict; may be empty when their weight is 0.
    ///   - attributeCounts: training images per attribute and class, for balancing; nil does not balance.
    /// - Throws: `TorchError.invalidArgument` for a configuration that `validate()` refuses, or attributes that are weighted
    ///   but not given.
    public init(
        _ configuration: JointLossConfiguration, dimension: Int, classes: Int,
        attributes heads: [AttributeHeads.Head] = [], attributeCounts: [[Int]]? = nil, in context: Context
    ) throws(TorchError) {
        do throws(ConfigurationError) { try configuration.validate() } catch {
            throw .invalidArgument(error.message)
        }
        self.configuration = configuration
        classifier =
            configuration.classifier.weight > 0
            ? try configuration.classifier.make(dimension: dimension, classes: classes, in: context) : nil
        centre =
            configuration.centre.weight > 0
            ? try CenterLoss(
                dimension: dimension, classes: classes, rate: configuration.centre.rate, in: context) : nil
        if configuration.attributes.weight > 0 {
            guard !heads.isEmpty else {
                throw .invalidArgument(
                    "loss attributes.weight is \(configuration.attributes.weight), but the data has no attributes; give them, or set the weight to 0"
                )
            }
            attributes = try AttributeHeads(
                dimension: dimension, heads: heads, counts: attributeCounts,
                balance: configuration.attributes.balance,
                hasAttention: configuration.attributes.hasAttention, in: context)
        } else {
            attributes = nil
        }
        triplet = configuration.triplet.make()
        circle = CirclePairLoss(scale: configuration.circle.scale, margin: configuration.circle.margin)
        super.init()
    }

    /// - Parameters:
    ///   - raw: features before the neck, un-normalised, [N, D].
    ///   - neck: features after the neck, [N, D].
    ///   - labels: int64 [N] in 0 ..< classes.
    ///   - attributes: int64 [N, A], the class of each attribute, -1 where unknown; needed when their weight is not 0.
    /// - Returns: the terms, to be minimised as their weighted sum.
    /// - Throws: `TorchError.invalidArgument` naming the term and the shapes that do not fit.
    public func callAsFunction(raw: Tensor, neck: Tensor, labels: Tensor, attributes given: Tensor? = nil)
        throws(TorchError) -> Losses
    {
        func feature(_ feature: JointLossConfiguration.Feature) -> Tensor { feature == .raw ? raw : neck }
        var losses = Losses()
        if let classifier {
            let result = try classifier.lossAndAccuracy(
                feature(configuration.classifier.feature), labels: labels)
            accuracy = result.accuracy
            losses.add("softmax", result.loss, weight: configuration.classifier.weight)
        }
        if configuration.triplet.weight > 0 {
            var seen = feature(configuration.triplet.feature)
            if configuration.triplet.normalises { seen = try seen.widened().unitRows() }
            losses.add("triplet", try triplet(seen, labels: labels), weight: configuration.triplet.weight)
        }
        if configuration.circle.weight > 0 {
            losses.add(
                "circle", try circle(feature(configuration.circle.feature), labels: labels),
                weight: configuration.circle.weight)
        }
        if let centre {
            losses.add(
                "centre", try centre(feature(configuration.centre.feature), labels: labels),
                weight: configuration.centre.weight)
        }
        if let attributes {
            guard let given else {
                throw .invalidArgument(
                    "loss attributes.weight is \(configuration.attributes.weight), but the batch has no attribute labels"
                )
            }
            losses.add(
                "attributes", try attributes(feature(configuration.attributes.feature), labels: given),
                weight: configuration.attributes.weight)
        }
        return losses
    }

    /// As `callAsFunction(raw:neck:labels:attributes:)`, of what an `EmbeddingNetwork` made.
    public func callAsFunction(_ features: PersonFeatures, labels: Tensor, attributes: Tensor? = nil)
        throws(TorchError) -> Losses
    {
        try callAsFunction(raw: features.raw, neck: features.neck, labels: labels, attributes: attributes)
    }
}
