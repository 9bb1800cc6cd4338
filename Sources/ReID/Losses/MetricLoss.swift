import Torch

/// A loss on the distances or similarities between the features of one batch.
///
/// Anchors without another image of their person, or without anybody else, in the batch do not count. A batch in which
/// none counts (everybody the same person, or one image each) gives 0 with a gradient of 0: the loss has nothing to say
/// then, and the other terms go on. Such batches come from the sampler, which should give every person K >= 2 images.
public protocol MetricLoss: Sendable {
    /// - Parameters:
    ///   - features: [N, D].
    ///   - labels: int64 [N], any numbering of the people.
    /// - Returns: a scalar.
    /// - Throws: `TorchError.invalidArgument` naming the shapes that do not fit.
    func callAsFunction(_ features: Tensor, labels: Tensor) throws(TorchError) -> Tensor
}
