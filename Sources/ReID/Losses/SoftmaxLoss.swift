import NN
import Torch

/// Softmax cross-entropy over a linear classifier, with label smoothing (Szegedy et al. 2016).
///
/// Large logits cannot overflow: the logarithm of the softmax is taken as a whole.
public final class SoftmaxLoss: ClassifierLoss {
    /// [classes]; absent by default, as behind a batch-norm neck (Luo et al. 2019).
    @OptionalParameter public var bias: Tensor?

    public init(
        dimension: Int, classes: Int, labelSmoothing: Double = 0.1, bias: Bool = false, in context: Context
    ) throws(TorchError) {
        _bias = try OptionalParameter(bias ? Tensor.zeros([classes], in: context) : nil)
        try super.init(
            dimension: dimension, classes: classes, labelSmoothing: labelSmoothing,
            initialiser: .normal(std: 0.001), in: context)
    }

    public override func scores(_ features: Tensor) throws(TorchError) -> Tensor {
        try features.linear(weight, bias)
    }

    public override func logits(_ features: Tensor) throws(TorchError) -> Tensor { try scores(features) }

    public override func loss(scores: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        try scores.crossEntropy(labels, labelSmoothing: labelSmoothing)
    }
}
