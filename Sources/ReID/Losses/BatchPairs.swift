import Torch

/// Who is whose positive and negative within a batch.
struct BatchPairs {
    /// Bool [N, N]: another image of the same person.
    let positive: Tensor
    /// Bool [N, N]: an image of another person.
    let negative: Tensor
    /// Bool [N]: anchors that have at least one of both. Only these count.
    let isComplete: Tensor
    /// Bool [N, N]: what to leave out among the positives of a complete anchor. Anchors that do not count are left whole,
    /// so that a softmax over their row is finite.
    let notPositive: Tensor
    /// As `notPositive`, among the negatives.
    let notNegative: Tensor

    /// - Parameter labels: int64 [N].
    init(_ labels: Tensor) throws(TorchError) {
        let same = try labels.unsqueeze(1).eq(labels.unsqueeze(0))
        let itself = try Tensor.eye(labels.size(0), dtype: .bool, device: labels.device)
        positive = try same.logicalAnd(itself.logicalNot())
        negative = try same.logicalNot()
        let hasPositive = try Tensor.call("aten::any.dim", positive, 1, false)[0]
        isComplete = try hasPositive.logicalAnd(Tensor.call("aten::any.dim", negative, 1, false)[0])
        let row = try isComplete.unsqueeze(1)
        notPositive = try positive.logicalNot().logicalAnd(row)
        notNegative = try same.logicalAnd(row)
    }

    /// Mean of [N] over the anchors that count; 0, with a gradient of 0, when there is none.
    func mean(_ perAnchor: Tensor) throws(TorchError) -> Tensor {
        try perAnchor.maskedFill(isComplete.logicalNot(), 0).sum() / isComplete.sum().clamp(min: 1)
    }
}
