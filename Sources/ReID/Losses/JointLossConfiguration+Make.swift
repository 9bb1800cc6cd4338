import NN
import Torch

extension JointLossConfiguration.Classifier {
    /// The loss of this kind for features [N, dimension].
    public func make(dimension: Int, classes: Int, in context: Context) throws(TorchError) -> ClassifierLoss {
        func cosine(_ margin: CosineSoftmaxLoss.Margin) throws(TorchError) -> ClassifierLoss {
            let scale = scale ?? 30
            return try CosineSoftmaxLoss(
                dimension: dimension, classes: classes,
                scale: learnsScale ? .learned(initial: scale) : .fixed(scale), margin: margin,
                labelSmoothing: labelSmoothing, in: context)
        }
        switch kind {
        case .softmax:
            return try SoftmaxLoss(
                dimension: dimension, classes: classes, labelSmoothing: labelSmoothing, in: context)
        case .cosine: return try cosine(.none)
        case .arcface: return try cosine(.additiveAngular(margin ?? 0.5, easy: easyMargin))
        case .cosface: return try cosine(.additiveCosine(margin ?? 0.35))
        case .circle:
            return try CircleSoftmaxLoss(
                dimension: dimension, classes: classes, scale: scale ?? 64, margin: margin ?? 0.35,
                labelSmoothing: labelSmoothing, in: context)
        }
    }
}

extension JointLossConfiguration.Triplet {
    /// The loss of this kind.
    public func make() -> any MetricLoss {
        switch kind {
        case .batchHard: BatchHardTripletLoss(margin: margin)
        case .batchAll: BatchAllTripletLoss(margin: margin)
        case .weighted: WeightedTripletLoss(margin: margin)
        }
    }
}
