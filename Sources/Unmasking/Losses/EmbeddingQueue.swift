import Torch

/// The newest embeddings that a training saw, first in, first out (He et al. 2020, "Momentum Contrast").
public final class EmbeddingQueue {
    public let capacity: Int
    /// [count, d], the oldest first; nil while it is empty. Save it to continue a training exactly.
    public private(set) var embeddings: Tensor?

    public init(capacity: Int) { self.capacity = capacity }

    /// Appends embeddings [batch, d], detached, and drops the oldest ones beyond the capacity.
    public func append(_ batch: Tensor) throws(TorchError) {
        guard capacity > 0 else { return }
        let all = try noGrad { () throws(TorchError) in
            let new = try batch.detach().to(dtype: .float32)
            guard let old = embeddings else { return new }
            return try Tensor.cat([old, new])
        }
        let count = all.size(0)
        embeddings = try count > capacity ? all.narrow(0, count - capacity, capacity).clone() : all
    }

    /// Continues from saved embeddings, [count, d], or from none.
    public func restore(_ saved: Tensor?) { embeddings = saved }
}
