import Metrics
import Torch

/// Scores embeddings: ranks a gallery for every query, with the options of a report.
///
/// Distances are produced some rows at a time; beside the features, memory holds about 100 MB whatever the gallery's
/// size.
public struct ReIDEvaluation {
    public struct Settings: Sendable, Equatable {
        /// What ranks. Euclidean distances are of the features as they are, without scaling to unit length.
        public var distance = FeatureMetric.cosine
        public var `protocol` = RetrievalProtocol.market1501
        public var averagePrecision = AveragePrecision.standard
        /// Nil: none. Works on features of unit length.
        public var reRanking: KReciprocalReRanking?
        /// Nil: none. Works on features of unit length, before re-ranking.
        public var queryExpansion: QueryExpansion?
        /// Break down by the query's camera.
        public var perCamera = false
        /// Judge every query-gallery pair by itself: ROC and TAR@FAR.
        public var verification = false
        /// Length of the CMC.
        public var maxRank = 50

        public init() {}
    }

    /// What a run found.
    public struct Outcome {
        public let report: ReIDReport
        public let result: RetrievalResult
        /// Before re-ranking and query expansion; nil if neither was asked for.
        public let plain: RetrievalResult?
        /// Every way to rank that was asked for, by itself and together, the plain one first.
        public let variants: [ReIDReport.Variant]
        public let verification: PairVerification?
        /// What was ranked, for ranked lists.
        public let distances: any DistanceRows
        /// Whether a distance is a square, to be shown as its root.
        public let areSquared: Bool
    }

    public let query: FeatureFile
    public let gallery: FeatureFile
    /// A query of an unknown camera shares it with no gallery image.
    public let querySightings: [Sighting]
    public let gallerySightings: [Sighting]
    private let retrieval: RetrievalEvaluation

    /// - Throws: `ReIDError.invalidArgument` if the features differ in dimension.
    public init(query: FeatureFile, gallery: FeatureFile) throws {
        guard query.dimension == gallery.dimension else {
            throw ReIDError.invalidArgument(
                "the queries have \(query.dimension) dimensions, the gallery \(gallery.dimension): embed both with one model"
            )
        }
        self.query = query
        self.gallery = gallery
        // -1 is "unknown" on both sides; left alone, unknown cameras would all be the same one and every match dropped.
        querySightings = query.sightings.map {
            $0.camera < 0 ? Sighting(person: $0.person, camera: Int.min) : $0
        }
        gallerySightings = gallery.sightings
        retrieval = try RetrievalEvaluation(queries: querySightings, gallery: gallerySightings)
    }

    /// - Throws: `ReIDError.invalidArgument` for options that exclude each other; `MetricsError.empty` if no query has a
    ///   match by another camera; `TorchError`.
    public func evaluate(_ settings: Settings = Settings()) throws -> Outcome {
        let clock = ContinuousClock()
        let start = clock.now
        let isPlain = settings.reRanking == nil && settings.queryExpansion == nil
        guard isPlain || settings.distance == .cosine else {
            throw ReIDError.invalidArgument(
                "re-ranking and query expansion scale features to unit length: they need the cosine distance")
        }
        func measure(_ rows: any DistanceRows) throws -> RetrievalResult {
            try retrieval.evaluate(
                rows, protocol: settings.protocol, averagePrecision: settings.averagePrecision,
                maxRank: settings.maxRank, chunk: Self.chunk(gallery.count))
        }
        let base = try FeatureDistances(
            query: query.features, gallery: gallery.features, metric: settings.distance)
        var (distances, result): (any DistanceRows, RetrievalResult) = (base, try measure(base))
        let plain = isPlain ? nil : result
        var variants = [ReIDReport.Variant(result)]
        for expands in [false, true] where !expands || settings.queryExpansion != nil {
            for reRanks in [false, true] where (reRanks || expands) && (!reRanks || settings.reRanking != nil)
            {
                distances = try refined(
                    expansion: expands ? settings.queryExpansion : nil,
                    reRanking: reRanks ? settings.reRanking : nil)
                result = try measure(distances)
                variants.append(ReIDReport.Variant(result, expanded: expands, reRanked: reRanks))
            }
        }
        let verification =
            settings.verification
            ? try PairVerification(
                distances, queries: querySightings, gallery: gallerySightings,
                chunk: Self.chunk(gallery.count)) : nil

        let figures = ReIDReport.Figures(result)
        var report = ReIDReport(
            mAP: figures.mAP, mINP: figures.mINP, cmc: figures.cmc, queries: result.queries,
            gallery: result.gallery, protocol: settings.protocol.name,
            distance: settings.distance == .cosine ? "cosine" : "euclidean",
            averagePrecision: settings.averagePrecision == .standard ? "standard" : "trapezoid")
        report.reRanking = settings.reRanking.map { .init(k1: $0.k1, k2: $0.k2, lambda: $0.lambda) }
        report.queryExpansion = settings.queryExpansion.map {
            .init(neighbours: $0.neighbours, alpha: $0.alpha)
        }
        report.plain = plain.map(ReIDReport.Figures.init)
        report.perCamera = settings.perCamera ? perCamera(result) : nil
        report.verification = try verification?.summary()
        report.seconds.evaluation = (clock.now - start) / .seconds(1)
        return Outcome(
            report: report, result: result, plain: plain, variants: variants, verification: verification,
            distances: distances,
            areSquared: isPlain && settings.distance == .squaredEuclidean)
    }

    private func refined(expansion: QueryExpansion?, reRanking: KReciprocalReRanking?) throws
        -> any DistanceRows
    {
        let queries =
            try expansion?.expand(
                query: query.features, gallery: gallery.features, chunk: Self.chunk(gallery.count))
            ?? query.features
        guard let reRanking else {
            return try FeatureDistances(query: queries, gallery: gallery.features)
        }
        return try reRanking.distances(query: queries, gallery: gallery.features)
    }

    private func perCamera(_ result: RetrievalResult) -> [String: ReIDReport.Camera] {
        var groups: [Int: [RetrievalResult.QueryResult]] = [:]
        for (camera, own) in zip(query.cameras, result.perQuery) {
            if let own { groups[camera, default: []].append(own) }
        }
        var cameras: [String: ReIDReport.Camera] = [:]
        for (camera, results) in groups {
            let count = Double(results.count)
            cameras[query.name(ofCamera: camera)] = .init(
                mAP: results.reduce(0) { $0 + $1.averagePrecision } / count,
                rank1: Double(results.count { $0.ranks.first == 0 }) / count, queries: results.count)
        }
        return cameras
    }

    /// Queries at once: a block of distances is at most 16 MB, of which a few copies exist.
    private static func chunk(_ gallery: Int) -> Int { min(256, max(1, 4_194_304 / gallery)) }
}

extension RetrievalProtocol {
    /// As reports and the command line write it.
    public var name: String {
        switch self {
        case .market1501: "market1501"
        case .cuhk03: "cuhk03"
        }
    }
}
