import Foundation
import Torch

/// Re-ranking with k-reciprocal encoding (Zhong et al. 2017): two images are close if their neighbourhoods, in which each
/// is among the other's nearest, overlap.
///
/// Neighbourhoods are kept sparse and distances are produced by rows, so the square matrix over queries and gallery is
/// never held.
public struct KReciprocalReRanking: Sendable, Equatable {
    /// Size of the neighbourhood.
    public var k1: Int
    /// Neighbours averaged in the local query expansion; 1 turns it off.
    public var k2: Int
    /// Weight of the original distance, 0...1.
    public var lambda: Double

    public init(k1: Int = 20, k2: Int = 6, lambda: Double = 0.3) {
        self.k1 = k1
        self.k2 = k2
        self.lambda = lambda
    }

    /// Re-ranked distances from features, which are scaled to unit length; the base distance is |a - b|².
    /// - Parameters:
    ///   - query: [queries, dimension].
    ///   - gallery: [gallery, dimension].
    public func distances(query: Tensor, gallery: Tensor) throws -> some DistanceRows {
        guard query.rank == 2, gallery.rank == 2, query.size(1) == gallery.size(1) else {
            throw MetricsError.invalidInput(
                "features of shape \(query.shape) and \(gallery.shape): expected [queries, D] and [gallery, D]"
            )
        }
        let all = try noGrad { () throws(TorchError) in try Tensor.cat([query, gallery], dim: 0) }
        guard try all.allFinite() else {
            throw MetricsError.invalidInput("the features hold NaN or infinite values: check the network")
        }
        return try ReRankedDistances(self, PairwiseFeatures(all), queryCount: query.size(0))
    }

    /// Re-ranked distances from a matrix.
    /// - Parameter squared: squared distances over queries followed by gallery, symmetric, row-major [n, n] with
    ///   n = queries + gallery.
    public func distances(squared: [Float], queries: Int, gallery: Int) throws -> some DistanceRows {
        let count = queries + gallery
        guard squared.count == count * count else {
            throw MetricsError.invalidInput("\(squared.count) distances, expected (\(queries) + \(gallery))²")
        }
        guard squared.allSatisfy({ $0.isFinite }) else {
            throw MetricsError.invalidInput("a distance is NaN or infinite: check the features")
        }
        return try ReRankedDistances(self, PairwiseMatrix(count: count, values: squared), queryCount: queries)
    }
}
