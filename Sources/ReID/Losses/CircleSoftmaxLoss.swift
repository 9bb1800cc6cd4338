import NN
import Torch

/// The circle loss on class weights (Sun et al. 2020, section 3.3): a softmax over self-paced cosines.
///
/// With cosines s, the target's logit is γ max(0, 1 + m - s)(s - 1 + m) and another's γ max(0, s + m)(s - m); the two
/// maxima are constants to the gradient. Features of length 0: see `CosineSoftmaxLoss`.
public final class CircleSoftmaxLoss: ClassifierLoss {
    private let circle: CircleLogits

    /// - Parameters:
    ///   - scale: γ.
    ///   - margin: m, in 0 … 1.
    public init(
        dimension: Int, classes: Int, scale: Double = 64, margin: Double = 0.35, labelSmoothing: Double = 0,
        in context: Context
    ) throws(TorchError) {
        circle = try CircleLogits(scale: scale, margin: margin)
        try super.init(
            dimension: dimension, classes: classes, labelSmoothing: labelSmoothing,
            initialiser: .xavierUniform(), in: context)
    }

    /// Cosines [N, classes].
    public override func scores(_ features: Tensor) throws(TorchError) -> Tensor {
        try features.unitRows().matmul(weight.unitRows().transpose(0, 1))
    }

    /// Cosines times the scale.
    public override func logits(_ features: Tensor) throws(TorchError) -> Tensor {
        try scores(features.to(dtype: weight.dtype)) * circle.scale
    }

    public override func loss(scores: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        let isTarget = try labels.oneHot(classes).to(dtype: .bool)
        let logits = try circle.positive(scores).whereSelf(isTarget, circle.negative(scores))
        return try logits.crossEntropy(labels, labelSmoothing: labelSmoothing)
    }
}
