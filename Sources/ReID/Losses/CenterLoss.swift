import NN
import Torch

/// The centre loss (Wen et al. 2016): half the squared distance of each feature from the centre of its class, mean over
/// the batch.
///
/// The centres are no parameters: as in the paper (eq. 4), a batch in training mode moves the centre of each of its classes
/// by `rate` · Σ(x - c) / (1 + n), after the loss is calculated, so that no optimiser of their own is needed. They start
/// at 0. In evaluation mode nothing moves.
///
/// The code that came with "Bag of Tricks" leaves the half out: its weight of 5e-4 is 1e-3 here.
public final class CenterLoss: Module {
    public let dimension: Int
    public let classes: Int
    /// Of the centres towards a batch, 0 … 1.
    public let rate: Double
    /// [classes, dimension]
    @Buffer public var centers: Tensor

    public init(dimension: Int, classes: Int, rate: Double = 0.5, in context: Context) throws(TorchError) {
        guard classes >= 1, dimension >= 1, (0...1).contains(rate) else {
            throw .invalidArgument(
                "centre loss of \(classes) people on \(dimension) features with rate \(rate); expected at least 1, 1 and a rate in 0 … 1"
            )
        }
        self.dimension = dimension
        self.classes = classes
        self.rate = rate
        _centers = Buffer(try Tensor.zeros([classes, dimension], in: context))
        super.init()
    }

    /// - Parameters:
    ///   - features: [N, dimension].
    ///   - labels: int64 [N] in 0 ..< classes.
    /// - Returns: a scalar.
    /// - Throws: `TorchError.invalidArgument` naming shapes or labels that do not fit.
    public func callAsFunction(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        try LossInput.check(features, labels: labels, dimension: dimension, loss: "centre loss")
        try LossInput.check(labels, classes: classes, loss: "centre loss")
        let difference = try features.to(dtype: centers.dtype) - centers.indexSelect(0, labels)
        let loss = try difference.square().sum() / Double(2 * features.size(0))
        if isTraining { try move(by: difference.detach(), labels: labels) }
        return loss
    }

    private func move(by difference: Tensor, labels: Tensor) throws(TorchError) {
        let ones = try Tensor.ones([labels.count], dtype: centers.dtype, device: centers.device)
        let counts = try Tensor.zeros([classes], dtype: centers.dtype, device: centers.device)
            .scatterAdd(0, labels, ones)
        let rows = try labels.unsqueeze(1).expand(difference.shape)
        let sums = try centers.zerosLike().scatterAdd(0, rows, difference)
        _ = try noGrad { () throws(TorchError) in
            try centers.add_(sums / (counts + 1).unsqueeze(1), alpha: rate)
        }
    }
}
