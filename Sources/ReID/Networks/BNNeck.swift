import NN
import Torch

/// Batch normalisation between the metric losses and the classifier, with its bias frozen at zero (Luo et al. 2019, "Bag of
/// Tricks and A Strong Baseline for Deep Person Re-identification", section 3.5). [batch, dimension] to the same.
///
/// Keys equal those of PyTorch's `BatchNorm1d`; the bias is a buffer, so that nothing can train it.
public final class BNNeck: Module {
    @Parameter public var weight: Tensor
    @Buffer public var bias: Tensor
    @Buffer public var runningMean: Tensor
    @Buffer public var runningVariance: Tensor
    @Buffer public var batchesTracked: Tensor
    public let eps = 1e-5
    public let momentum = 0.1

    public init(_ dimension: Int, in context: Context) throws(TorchError) {
        _weight = try Parameter(.ones([dimension], in: context))
        _bias = Buffer(try .zeros([dimension], in: context))
        _runningMean = Buffer(try .zeros([dimension], in: context), key: "running_mean")
        _runningVariance = Buffer(try .ones([dimension], in: context), key: "running_var")
        _batchesTracked = Buffer(
            try .zeros([], dtype: .int64, device: context.device), key: "num_batches_tracked")
        super.init()
    }

    /// - Throws: `TorchError.invalidArgument` while training with a batch of one, which has no variance.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        if isTraining {
            guard x.size(0) > 1 else {
                throw .invalidArgument(
                    "BNNeck: one feature while training, expected at least two: give larger batches")
            }
            try noGrad { () throws(TorchError) in _ = try batchesTracked.add_(1) }
        }
        return try x.batchNorm(
            weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance,
            training: isTraining, momentum: momentum, eps: eps)
    }
}
