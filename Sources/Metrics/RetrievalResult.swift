/// How well queries find their person in a gallery. Fractions in 0...1.
public struct RetrievalResult: Sendable, Equatable {
    /// Cumulative match characteristic: `cmc[k - 1]` is the share of queries with a correct match among the first k.
    public let cmc: [Double]
    /// Mean average precision.
    public let mAP: Double
    /// Mean inverse negative penalty (Ye et al. 2021): correct matches divided by the rank of the last one.
    public let mINP: Double
    /// Queries with at least one correct match in the gallery; the others are not counted.
    public let queries: Int
    /// Gallery images, junk included.
    public let gallery: Int
    /// One entry per given query; nil where the gallery holds no correct match.
    public let perQuery: [QueryResult?]

    /// Result of one query.
    public struct QueryResult: Sendable, Equatable {
        /// 0-based positions of the correct matches among the gallery images that count, ascending.
        public let ranks: [Int]
        public let averagePrecision: Double
        public let inverseNegativePenalty: Double
    }

    /// The share of queries found among the first `rank` results.
    public func cmc(at rank: Int) -> Double { cmc[min(max(rank, 1), cmc.count) - 1] }
}

/// What a retrieval run reports; encodes to the command line's stable JSON keys.
public struct RetrievalReport: Sendable, Equatable, Codable {
    public let mAP: Double
    public let mINP: Double
    /// Keyed by rank: "1", "5", "10".
    public let cmc: [String: Double]
    public let queries: Int
    public let gallery: Int

    public init(_ result: RetrievalResult, ranks: [Int] = [1, 5, 10]) {
        mAP = result.mAP
        mINP = result.mINP
        cmc = Dictionary(uniqueKeysWithValues: Set(ranks).map { ("\($0)", result.cmc(at: $0)) })
        queries = result.queries
        gallery = result.gallery
    }
}
