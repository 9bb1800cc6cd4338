import NN
import Torch

/// A loss that learns to tell the training people apart. It owns one weight vector per person, which is needed in training
/// only; the base of the softmax losses.
///
/// Subclasses define `scores`, `logits` and `loss(scores:labels:)`.
open class ClassifierLoss: Module {
    /// Of the features.
    public let dimension: Int
    /// Number of training people.
    public let classes: Int
    /// Share of the target spread evenly over all classes, 0 ..< 1.
    public let labelSmoothing: Double
    /// [classes, dimension]
    @Parameter public var weight: Tensor

    /// - Throws: `TorchError.invalidArgument` for fewer than two classes, no dimension or smoothing outside 0 ..< 1.
    public init(
        dimension: Int, classes: Int, labelSmoothing: Double, initialiser: Initialiser, in context: Context
    ) throws(TorchError) {
        guard classes >= 2, dimension >= 1, (0..<1).contains(labelSmoothing) else {
            throw .invalidArgument(
                "classifier of \(classes) people on \(dimension) features with label smoothing \(labelSmoothing); expected at least 2 people, 1 feature and smoothing in 0 ..< 1"
            )
        }
        self.dimension = dimension
        self.classes = classes
        self.labelSmoothing = labelSmoothing
        _weight = try Parameter(initialiser.make([classes, dimension], in: context))
        super.init()
    }

    /// What the classes are ranked by, [N, classes]: logits, or cosines.
    /// - Parameter features: [N, dimension], in the precision of the weights.
    open func scores(_ features: Tensor) throws(TorchError) -> Tensor {
        throw .invalidArgument("\(type(of: self)) defines no scores")
    }

    /// Logits without a margin, [N, classes].
    open func logits(_ features: Tensor) throws(TorchError) -> Tensor {
        throw .invalidArgument("\(type(of: self)) defines no logits")
    }

    /// The loss, a scalar, by the scores that `scores(_:)` gave.
    open func loss(scores: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        throw .invalidArgument("\(type(of: self)) defines no loss")
    }

    /// - Parameters:
    ///   - features: [N, dimension].
    ///   - labels: int64 [N] in 0 ..< classes.
    /// - Returns: a scalar.
    /// - Throws: `TorchError.invalidArgument` naming shapes or labels that do not fit.
    public func callAsFunction(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        try loss(scores: checkedScores(features, labels: labels), labels: labels)
    }

    /// As `callAsFunction`, with the share of the batch whose own class has the best score (without margin): a scalar in
    /// 0…1, outside the graph.
    public func lossAndAccuracy(_ features: Tensor, labels: Tensor) throws(TorchError) -> (
        loss: Tensor, accuracy: Tensor
    ) {
        let scores = try checkedScores(features, labels: labels)
        let hits = try scores.detach().argmax(1).eq(labels)
        return (try loss(scores: scores, labels: labels), try hits.to(dtype: .float32).mean())
    }

    private func checkedScores(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        let name = "\(type(of: self))"
        try LossInput.check(features, labels: labels, dimension: dimension, loss: name)
        try LossInput.check(labels, classes: classes, loss: name)
        return try scores(features.to(dtype: weight.dtype))
    }
}
