import Torch

/// Checks of what losses are given, so that a wrong batch is named rather than broadcast.
enum LossInput {
    /// Expects features [N, D] with N > 0 and int64 labels [N].
    static func check(_ features: Tensor, labels: Tensor, dimension: Int? = nil, loss: String)
        throws(TorchError)
    {
        guard features.rank == 2, features.size(0) > 0, features.dtype.isFloatingPoint else {
            throw .invalidArgument(
                "\(loss): features \(features.shape) of \(features.dtype); expected floating-point [N, D] with N > 0"
            )
        }
        if let dimension, features.size(1) != dimension {
            throw .invalidArgument(
                "\(loss): features of dimension \(features.size(1)); it was made for \(dimension)")
        }
        guard labels.shape == [features.size(0)], labels.dtype == .int64 else {
            throw .invalidArgument(
                "\(loss): labels \(labels.shape) of \(labels.dtype); expected int64 [\(features.size(0))], one per feature"
            )
        }
    }

    /// Expects labels within 0 ..< classes.
    static func check(_ labels: Tensor, classes: Int, loss: String) throws(TorchError) {
        let range = try Tensor.stack([labels.amin(), labels.amax()]).ints()
        guard range[0] >= 0, range[1] < classes else {
            throw .invalidArgument(
                "\(loss): labels from \(range[0]) to \(range[1]); expected class labels in 0 ..< \(classes) (contiguous, not person ids)"
            )
        }
    }
}
