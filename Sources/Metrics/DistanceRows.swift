import Torch

/// Distances from queries to a gallery, produced some rows at a time so that the whole matrix need not exist.
public protocol DistanceRows {
    var queryCount: Int { get }
    var galleryCount: Int { get }
    /// Row-major [range.count, galleryCount]; smaller is more similar.
    func rows(_ range: Range<Int>) throws -> [Float]
}

/// A distance matrix that already exists.
public struct DistanceMatrix: DistanceRows, Sendable {
    public let queryCount: Int
    public let galleryCount: Int
    public let values: [Float]

    /// - Parameter values: row-major [queries, gallery].
    public init(_ values: [Float], queries: Int, gallery: Int) throws(MetricsError) {
        guard values.count == queries * gallery else {
            throw .invalidInput(
                "\(values.count) distances, expected \(queries) queries x \(gallery) gallery images")
        }
        if let bad = values.firstIndex(where: { $0.isNaN }) {
            throw .invalidInput(
                "the distance of query \(bad / gallery) and gallery image \(bad % gallery) is NaN")
        }
        self.values = values
        queryCount = queries
        galleryCount = gallery
    }

    public func rows(_ range: Range<Int>) -> [Float] {
        Array(values[(range.lowerBound * galleryCount)..<(range.upperBound * galleryCount)])
    }
}

/// How two feature vectors are compared.
public enum FeatureMetric: String, Sendable, Codable, CaseIterable {
    /// 1 - cosine, 0...2.
    case cosine
    /// |a - b|², which ranks as |a - b| does.
    case squaredEuclidean
}

/// Distances of feature vectors, computed by matrix products.
public struct FeatureDistances: DistanceRows {
    public let metric: FeatureMetric
    private let query: Tensor
    private let gallery: Tensor
    private let gallerySquares: Tensor

    /// - Parameters:
    ///   - query: [queries, dimension], any device.
    ///   - gallery: [gallery, dimension], same device.
    /// - Throws: `MetricsError.invalidInput` for shapes that do not fit or values that are not finite, `TorchError`.
    public init(query: Tensor, gallery: Tensor, metric: FeatureMetric = .cosine) throws {
        guard query.rank == 2, gallery.rank == 2, query.size(1) == gallery.size(1) else {
            throw MetricsError.invalidInput(
                "features of shape \(query.shape) and \(gallery.shape): expected [queries, D] and [gallery, D]"
            )
        }
        self.metric = metric
        for (name, features) in [("query", query), ("gallery", gallery)] where try !features.allFinite() {
            throw MetricsError.invalidInput(
                "the \(name) features hold NaN or infinite values: check the network")
        }
        (self.query, self.gallery, gallerySquares) = try noGrad { () throws(TorchError) in
            let (query, gallery) = (
                try query.detach().to(dtype: .float32), try gallery.detach().to(dtype: .float32)
            )
            switch metric {
            case .cosine:
                let unit = try gallery.l2Normalised(dim: 1)
                return (try query.l2Normalised(dim: 1), unit, try Tensor.ones([1]).to(device: unit.device))
            case .squaredEuclidean: return (query, gallery, try gallery.square().sum([1]))
            }
        }
    }

    public var queryCount: Int { query.size(0) }
    public var galleryCount: Int { gallery.size(0) }

    public func rows(_ range: Range<Int>) throws -> [Float] {
        try noGrad { () throws(TorchError) in
            let part = try query.narrow(0, range.lowerBound, range.count)
            let product = try part.matmul(gallery.transpose(0, 1))
            switch metric {
            case .cosine: return try (gallerySquares - product).floats()
            case .squaredEuclidean:
                return try (part.square().sum([1], keepdim: true) + gallerySquares - product * 2).floats()
            }
        }
    }
}
