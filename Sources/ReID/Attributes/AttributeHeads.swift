import Foundation
import NN
import Torch

/// A classifier per attribute (colour of the upper clothing, hat or none, …) on the embedding that retrieval uses.
///
/// All heads are one linear layer; each attribute has its own softmax over its classes. A binary attribute has two classes,
/// whose softmax is the sigmoid of the difference of their logits. The loss is a cross-entropy weighted by class, mean over
/// the images in which the attribute is known, then mean over the attributes known in the batch.
///
/// With attention, attributes inform each other as in APR (Lin et al. 2019, "Improving person re-identification by attribute
/// and identity learning", section 3.3): the confidences p of all classes of all attributes, one vector, give a gate
/// 2σ(V p + b) per class, by which its logit is multiplied. There the re-weighted vector joins the features of the identity
/// classifier; here it is the prediction, so that the embedding stays what it is. V and b start at 0: all gates are 1.
public final class AttributeHeads: Module {
    /// One attribute.
    public struct Head: Codable, Sendable, Equatable {
        public let name: String
        /// Number of classes, at least 2.
        public let classes: Int

        public init(name: String, classes: Int) {
            self.name = name
            self.classes = classes
        }
    }

    public let dimension: Int
    public let heads: [Head]
    /// [all classes, dimension] and [all classes], attribute by attribute.
    public let classifier: Linear
    /// All classes to all classes; V and b above.
    public let attention: Linear?
    /// [attributes, most classes]: factor of an image by its class; 0 beyond an attribute's classes.
    @Buffer public var classWeights: Tensor
    /// Where the classes of each attribute stand among the logits, int64 [attributes · most classes]; 0 for padding.
    private let columns: Tensor
    /// Bool [attributes, most classes].
    private let isPadding: Tensor

    /// - Parameters:
    ///   - counts: training images per attribute and class; nil weighs all alike.
    ///   - balance: see `classWeights(counts:balance:)`.
    /// - Throws: `TorchError.invalidArgument` naming the attribute that has fewer than two classes or whose counts do not
    ///   fit.
    public init(
        dimension: Int, heads: [Head], counts: [[Int]]? = nil, balance: Double = 0.5,
        hasAttention: Bool = false, in context: Context
    ) throws(TorchError) {
        guard dimension > 0, !heads.isEmpty else {
            throw .invalidArgument(
                "attribute heads: \(heads.count) attributes on \(dimension) features; expected at least one of each"
            )
        }
        for head in heads where head.classes < 2 {
            throw .invalidArgument(
                "attribute '\(head.name)' has \(head.classes) class(es); expected at least 2")
        }
        if let counts, counts.map(\.count) != heads.map(\.classes) {
            throw .invalidArgument(
                "attribute heads: counts of \(counts.map(\.count)) classes for attributes of \(heads.map(\.classes)) classes"
            )
        }
        self.dimension = dimension
        self.heads = heads
        let total = heads.reduce(0) { $0 + $1.classes }
        let width = heads.map(\.classes).max() ?? 0
        classifier = try Linear(dimension, total, in: context)
        if hasAttention {
            let gate = try Linear(total, total, in: context)
            try noGrad { () throws(TorchError) in
                try gate.weight.zero_()
                try gate.bias?.zero_()
            }
            attention = gate
        } else {
            attention = nil
        }
        var columns: [Int64] = []
        var padding: [UInt8] = []
        var weights: [Double] = []
        var start = 0
        for (index, head) in heads.enumerated() {
            let given =
                counts.map { Self.classWeights(counts: $0[index], balance: balance) }
                ?? Array(repeating: 1, count: head.classes)
            for place in 0..<width {
                let isReal = place < head.classes
                columns.append(isReal ? Int64(start + place) : 0)
                padding.append(isReal ? 0 : 1)
                weights.append(isReal ? given[place] : 0)
            }
            start += head.classes
        }
        self.columns = try Tensor(columns, shape: [columns.count], device: context.device)
        isPadding = try Tensor(padding, shape: [heads.count, width], device: context.device).to(dtype: .bool)
        _classWeights = Buffer(
            try Tensor(weights, shape: [heads.count, width], device: context.device).to(dtype: context.dtype),
            key: "class_weights")
        super.init()
    }

    /// Factors of the classes of one attribute: (1 / share of the class) to the power of `balance`, scaled so that the mean
    /// over the training images is 1.
    ///
    /// 0 weighs all images alike, which favours the plain accuracy; 1 weighs all classes alike, which favours the balanced
    /// one. A class without an image weighs 0.
    public static func classWeights(counts: [Int], balance: Double) -> [Double] {
        let total = Double(counts.reduce(0, +))
        guard total > 0 else { return counts.map { _ in 1 } }
        let raw = counts.map { $0 > 0 ? pow(total / Double($0), balance) : 0 }
        let mean = zip(raw, counts).reduce(0) { $0 + $1.0 * Double($1.1) } / total
        return raw.map { $0 / mean }
    }

    /// Logits of every attribute, [N, attributes, most classes], -∞ beyond an attribute's classes.
    /// - Parameter features: [N, dimension].
    public override func callAsFunction(_ features: Tensor) throws(TorchError) -> Tensor {
        guard features.rank == 2, features.size(1) == dimension else {
            throw .invalidArgument("attribute heads: features \(features.shape); expected [N, \(dimension)]")
        }
        let logits = try classifier(features.to(dtype: classifier.weight.dtype))
        guard let attention else { return try padded(logits) }
        let confidences = try padded(logits).softmax(2).flatten(from: 1)
            .indexSelect(1, places())
        return try padded(logits * attention(confidences).sigmoid() * 2)
    }

    /// The loss, a scalar.
    /// - Parameters:
    ///   - features: [N, dimension].
    ///   - labels: int64 [N, attributes]; -1 is unknown and does not count. A batch without any known label gives 0, with a
    ///     gradient of 0.
    /// - Throws: `TorchError.invalidArgument` naming shapes that do not fit, or the attribute with a label out of range.
    public func callAsFunction(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        let logits = try callAsFunction(features)
        try check(labels, count: features.size(0))
        let isKnown = try labels.ge(0)
        let column = try labels.clamp(min: 0).unsqueeze(2)
        let logLikelihood = try logits.logSoftmax(2).gather(2, column).squeeze(2)  // [N, A]
        let weights = try classWeights.unsqueeze(0).expand(logits.shape).gather(2, column).squeeze(2)
        let costs = try (-(logLikelihood * weights)).maskedFill(isKnown.logicalNot(), 0)
        let known = try isKnown.sum([0])
        let perAttribute = try costs.sum([0]) / known.clamp(min: 1)
        return try perAttribute.sum() / known.gt(0).sum().clamp(min: 1)
    }

    /// Probabilities of each attribute's classes, one [N, classes] per attribute.
    public func probabilities(_ features: Tensor) throws(TorchError) -> [Tensor] {
        let all = try callAsFunction(features).softmax(2)
        var parts: [Tensor] = []
        for (index, head) in heads.enumerated() {
            parts.append(try all.select(1, index).narrow(1, 0, head.classes))
        }
        return parts
    }

    /// The likeliest class of each attribute, int64 [N, attributes].
    public func predictions(_ features: Tensor) throws(TorchError) -> Tensor {
        try callAsFunction(features).argmax(2)
    }

    /// [N, all classes] -> [N, attributes, most classes].
    private func padded(_ logits: Tensor) throws(TorchError) -> Tensor {
        try logits.indexSelect(1, columns).reshape([logits.size(0)] + isPadding.shape)
            .maskedFill(isPadding, -.infinity)
    }

    /// Where the logits stand among the padded ones, the inverse of `columns`.
    private func places() throws(TorchError) -> Tensor {
        let width = isPadding.size(1)
        let places = heads.enumerated().flatMap { index, head in
            (0..<head.classes).map { Int64(index * width + $0) }
        }
        return try Tensor(places, shape: [places.count], device: columns.device)
    }

    private func check(_ labels: Tensor, count: Int) throws(TorchError) {
        guard labels.shape == [count, heads.count], labels.dtype == .int64 else {
            throw .invalidArgument(
                "attribute heads: labels \(labels.shape) of \(labels.dtype); expected int64 [\(count), \(heads.count)]: one per image and attribute"
            )
        }
        guard count > 0 else { return }
        let (low, high) = (try labels.amin([0]).ints(), try labels.amax([0]).ints())
        for (index, head) in heads.enumerated() where low[index] < -1 || high[index] >= head.classes {
            throw .invalidArgument(
                "attribute '\(head.name)': labels from \(low[index]) to \(high[index]); expected 0 ..< \(head.classes), or -1 for unknown"
            )
        }
    }
}
