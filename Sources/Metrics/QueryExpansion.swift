import Torch

/// Replaces each query by an average of itself and its nearest gallery images (Chum et al. 2007; weighted by similarity
/// to the power alpha: Radenović et al. 2018).
public struct QueryExpansion: Sendable, Equatable {
    /// Gallery images averaged.
    public var neighbours: Int
    /// 0 weighs all alike (average query expansion); larger values trust near images more.
    public var alpha: Double

    public init(neighbours: Int = 5, alpha: Double = 0) {
        self.neighbours = neighbours
        self.alpha = alpha
    }

    /// - Parameters:
    ///   - query: [queries, dimension].
    ///   - gallery: [gallery, dimension].
    /// - Returns: expanded queries of unit length, [queries, dimension].
    public func expand(query: Tensor, gallery: Tensor, chunk: Int = 256) throws -> Tensor {
        guard query.rank == 2, gallery.rank == 2, query.size(1) == gallery.size(1), chunk > 0, alpha >= 0,
            (1...max(1, gallery.size(0))).contains(neighbours)
        else {
            throw MetricsError.invalidInput(
                "query expansion by \(neighbours) neighbours, alpha \(alpha), of \(query.shape) among \(gallery.shape): expected [queries, D], [gallery, D], 1...gallery neighbours, alpha >= 0"
            )
        }
        return try noGrad { () throws(TorchError) in
            let unit = try gallery.detach().l2Normalised(dim: 1)
            let transposed = try unit.transpose(0, 1)
            var parts: [Tensor] = []
            for start in stride(from: 0, to: query.size(0), by: chunk) {
                let part = try query.detach().narrow(0, start, min(chunk, query.size(0) - start))
                    .l2Normalised(dim: 1)
                let (similarities, indices) = try part.matmul(transposed).topk(neighbours, dim: 1)
                let near = try unit.indexSelect(0, indices.flatten()).reshape([
                    part.size(0), neighbours, unit.size(1),
                ])
                // Negative similarities say "not this person": weight 0.
                let weights = try similarities.clamp(min: 0).pow(alpha).unsqueeze(2)
                parts.append(try (part + (near * weights).sum([1])).l2Normalised(dim: 1))
            }
            return try Tensor.cat(parts, dim: 0)
        }
    }
}
