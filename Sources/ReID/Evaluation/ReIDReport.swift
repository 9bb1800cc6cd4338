import Metrics

/// What `evaluate reid` reports; the JSON keys are stable. Fractions in 0...1.
public struct ReIDReport: Sendable, Equatable, Codable {
    public var mAP: Double
    public var mINP: Double
    /// Keyed by rank: "1", "5", "10", "20".
    public var cmc: [String: Double]
    /// Queries that have a correct match in the gallery.
    public var queries: Int
    /// Gallery images, junk included.
    public var gallery: Int
    /// "market1501" or "cuhk03".
    public var `protocol`: String
    /// "cosine" or "euclidean".
    public var distance: String
    /// "standard" or "trapezoid".
    public var averagePrecision: String
    public var reRanking: ReRanking?
    public var queryExpansion: Expansion?
    /// The same run before re-ranking and query expansion; absent if neither was asked for.
    public var plain: Figures?
    /// With and without each of mirror images, query expansion and re-ranking that was asked for, the plain run first and the
    /// one of the figures above last; absent if none was.
    public var variants: [Variant]?
    /// By the query's camera, numbered as the data set does.
    public var perCamera: [String: Camera]?
    /// Query-gallery pairs judged one by one.
    public var verification: Verification?
    public var attributes: AttributeReport?
    public var seconds = Seconds()

    public struct Figures: Sendable, Equatable, Codable {
        public var mAP: Double
        public var mINP: Double
        public var cmc: [String: Double]
    }

    /// One way to rank.
    public struct Variant: Sendable, Equatable, Codable {
        /// Whether the mirrored images were embedded too.
        public var flip = false
        public var expanded = false
        public var reRanked = false
        public var mAP: Double
        public var mINP: Double
        public var cmc: [String: Double]

        init(_ result: RetrievalResult, expanded: Bool = false, reRanked: Bool = false) {
            let figures = Figures(result)
            (mAP, mINP, cmc) = (figures.mAP, figures.mINP, figures.cmc)
            self.expanded = expanded
            self.reRanked = reRanked
        }

        /// "flip, re-ranked"; "plain".
        public var name: String {
            let parts = [flip ? "flip" : nil, expanded ? "expanded" : nil, reRanked ? "re-ranked" : nil]
            return flip || expanded || reRanked ? parts.compactMap { $0 }.joined(separator: ", ") : "plain"
        }
    }

    public struct ReRanking: Sendable, Equatable, Codable {
        public var k1: Int
        public var k2: Int
        public var lambda: Double
    }

    public struct Expansion: Sendable, Equatable, Codable {
        public var neighbours: Int
        public var alpha: Double
    }

    public struct Camera: Sendable, Equatable, Codable {
        public var mAP: Double
        public var rank1: Double
        public var queries: Int
    }

    public struct Verification: Sendable, Equatable, Codable {
        /// Pairs of one person by two cameras.
        public var genuine: Int
        public var impostor: Int
        public var auc: Double
        public var eer: Double
        /// Keyed by allowed FAR: "1e-1", "1e-2", … as far as ten different-person pairs are allowed.
        public var tar: [String: Double]
        /// 95 % Wilson intervals of `tar`, same keys.
        public var tarInterval: [String: Interval]
    }

    public struct Seconds: Sendable, Equatable, Codable {
        /// Reading images and running the network; absent when features were given.
        public var features: Double?
        public var evaluation: Double = 0

        public init() {}
    }

    /// The ranks that reports name.
    public static let ranks = [1, 5, 10, 20]
}

extension ReIDReport.Figures {
    init(_ result: RetrievalResult) {
        let report = RetrievalReport(result, ranks: ReIDReport.ranks)
        self.init(mAP: report.mAP, mINP: report.mINP, cmc: report.cmc)
    }
}
