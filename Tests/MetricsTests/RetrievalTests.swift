import Foundation
import Metrics
import Testing
import Torch

/// Values come from NumPy code with torchreid's semantics (Tools/reference/metrics.py).
@Suite struct RetrievalTests {
    private struct Expected: Decodable {
        struct Query: Decodable {
            let ranks: [Int]
            let ap: Double
            let trapezoid: Double
            let inp: Double
        }
        let cmc: [Double]
        let singleShotCMC: [Double]
        let mAP: Double
        let trapezoidMAP: Double
        let mINP: Double
        let queries: Int
        let perQuery: [Query?]
    }

    private struct Loaded {
        let evaluation: RetrievalEvaluation
        let distances: DistanceMatrix

        init(_ name: String) throws {
            let stored = try Fixtures.tensors("retrieval.safetensors")
            func sightings(_ kind: String) throws -> [Sighting] {
                let people = try #require(stored["\(name).\(kind)People"]).ints()
                let cameras = try #require(stored["\(name).\(kind)Cameras"]).ints()
                return zip(people, cameras).map { Sighting(person: $0, camera: $1) }
            }
            let (queries, gallery) = (try sightings("query"), try sightings("gallery"))
            evaluation = try RetrievalEvaluation(queries: queries, gallery: gallery)
            distances = try DistanceMatrix(
                #require(stored["\(name).distances"]).floats(), queries: queries.count,
                gallery: gallery.count)
        }
    }

    private func expectEqual(_ actual: [Double], _ expected: [Double], _ name: String) {
        #expect(actual.count == expected.count, "\(name)")
        for (index, pair) in zip(actual, expected).enumerated() {
            expectNear(pair.0, pair.1, 1e-12, "\(name) \(index + 1)")
        }
    }

    @Test(arguments: ["random", "ties", "noMatch", "junk", "small"], [1, 7, 256])
    func agreesWithTheReference(name: String, chunk: Int) throws {
        let expected = try #require(
            Fixtures.decode([String: Expected?].self, "retrieval.json")[name] ?? nil)
        let loaded = try Loaded(name)
        let maxRank = name == "small" ? 50 : 20
        let result = try loaded.evaluation.evaluate(loaded.distances, maxRank: maxRank, chunk: chunk)
        #expect(result.queries == expected.queries)
        for (index, query) in expected.perQuery.enumerated() {
            #expect(result.perQuery[index]?.ranks == query?.ranks, "query \(index)")
            if let query, let own = result.perQuery[index] {
                expectNear(own.averagePrecision, query.ap, 1e-12)
                expectNear(own.inverseNegativePenalty, query.inp, 1e-12)
            }
        }
        expectEqual(result.cmc, expected.cmc, "cmc")
        expectNear(result.mAP, expected.mAP, 1e-12, "mAP")
        expectNear(result.mINP, expected.mINP, 1e-12, "mINP")

        let classic = try loaded.evaluation.evaluate(
            loaded.distances, averagePrecision: .trapezoid, maxRank: maxRank, chunk: chunk)
        expectNear(classic.mAP, expected.trapezoidMAP, 1e-12, "trapezoid mAP")
        #expect(classic.cmc == result.cmc)

        let shots = try loaded.evaluation.evaluate(
            loaded.distances, protocol: .cuhk03(repeats: 10, seed: 7), maxRank: maxRank, chunk: chunk)
        expectEqual(shots.cmc, expected.singleShotCMC, "single-shot cmc")
        expectNear(shots.mAP, expected.mAP, 1e-12, "mAP")
    }

    @Test func oneCameraLeavesNothingToFind() throws {
        let loaded = try Loaded("singleCamera")
        let error = try #require(throws: MetricsError.self) {
            _ = try loaded.evaluation.evaluate(loaded.distances)
        }
        #expect(error.description.hasPrefix("no query has an image of its person by another camera"))
    }

    /// Market-1501's size: 3,368 queries, 15,913 gallery images, 512 dimensions.
    /// Market-1501's size: 3,368 queries, 15,913 gallery images. What it takes is measured by the command's tests and by the
    /// benchmarks: here other tests run in the same process.
    @Test func marketSizedGalleryIsRankedInChunks() throws {
        let generator = try Generator(seed: 5)
        let (queries, gallery, people) = (3368, 15913, 750)
        let query = try Tensor.randn([queries, 64], generator: generator)
        let images = try Tensor.randn([gallery, 64], generator: generator)
        let evaluation = try RetrievalEvaluation(
            queries: (0..<queries).map { Sighting(person: $0 % people, camera: $0 % 6) },
            gallery: (0..<gallery).map { Sighting(person: $0 % people, camera: ($0 / people) % 6) })
        let result = try evaluation.evaluate(FeatureDistances(query: query, gallery: images))
        #expect(result.queries == queries)
        // Features say nothing about people: average precision is that of a random order, about 18 in 15,913.
        #expect((0.0008...0.004).contains(result.mAP))
    }

    @Test func featureDistancesAgreeWithTheirDefinition() throws {
        let stored = try Fixtures.tensors("retrieval.safetensors")
        let features = try #require(stored["features"])
        let (query, gallery) = (try features.narrow(0, 0, 30), try features.narrow(0, 30, 120))
        let squared = try #require(stored["squared"]).narrow(0, 0, 30).narrow(1, 30, 120).floats()
        let cosine = try FeatureDistances(query: query, gallery: gallery).rows(0..<30)
        let unit = try FeatureDistances(
            query: query.l2Normalised(dim: 1), gallery: gallery.l2Normalised(dim: 1),
            metric: .squaredEuclidean
        ).rows(0..<30)
        for index in squared.indices {
            expectNear(Double(cosine[index]) * 2, Double(squared[index]), 1e-5)
            expectNear(Double(unit[index]), Double(squared[index]), 1e-5)
        }
    }

    @Test(arguments: [("default", 20, 6, 0.3), ("narrow", 5, 1, 0.0), ("wide", 30, 3, 0.7)])
    func reRankingAgrees(name: String, k1: Int, k2: Int, lambda: Double) throws {
        let stored = try Fixtures.tensors("retrieval.safetensors")
        let expected = try #require(stored["reranked.\(name)"]).floats()
        let reRanking = KReciprocalReRanking(k1: k1, k2: k2, lambda: lambda)
        let fromMatrix = try reRanking.distances(
            squared: #require(stored["squared"]).floats(), queries: 30, gallery: 120)
        let features = try #require(stored["features"])
        let fromFeatures = try reRanking.distances(
            query: features.narrow(0, 0, 30), gallery: features.narrow(0, 30, 120))
        for (kind, rows) in [
            ("matrix", try fromMatrix.rows(0..<30)),
            ("features", try fromFeatures.rows(0..<13) + fromFeatures.rows(13..<30)),
        ] {
            try #require(rows.count == expected.count)
            let worst = zip(rows, expected).map { abs($0 - $1) }.max() ?? 0
            #expect(worst <= 2e-6, "\(kind): off by \(worst)")
        }
    }

    @Test(arguments: [("average", 5, 0.0), ("alpha", 8, 3.0)])
    func queryExpansionAgrees(name: String, neighbours: Int, alpha: Double) throws {
        let stored = try Fixtures.tensors("retrieval.safetensors")
        let expected = try #require(stored["expanded.\(name)"]).floats()
        let features = try #require(stored["features"])
        let expanded = try QueryExpansion(neighbours: neighbours, alpha: alpha).expand(
            query: features.narrow(0, 0, 30), gallery: features.narrow(0, 30, 120), chunk: 7
        ).floats()
        let worst = zip(expanded, expected).map { abs($0 - $1) }.max() ?? 1
        #expect(worst <= 1e-5, "off by \(worst)")
    }

    @Test func reportHasTheStableKeys() throws {
        let loaded = try Loaded("random")
        let report = RetrievalReport(try loaded.evaluation.evaluate(loaded.distances))
        let object = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
        #expect(Set(object.keys) == ["mAP", "mINP", "cmc", "queries", "gallery"])
        #expect(Set(report.cmc.keys) == ["1", "5", "10"])
        #expect(report.gallery == 200)
    }

    @Test func badInputIsExplained() throws {
        let loaded = try Loaded("random")
        #expect(throws: MetricsError.self) {
            _ = try loaded.evaluation.evaluate(DistanceMatrix([1, 2], queries: 1, gallery: 2))
        }
        #expect(throws: MetricsError.invalidInput("3 distances, expected 2 queries x 2 gallery images")) {
            try DistanceMatrix([1, 2, 3], queries: 2, gallery: 2)
        }
        #expect(throws: MetricsError.invalidInput("the distance of query 1 and gallery image 0 is NaN")) {
            try DistanceMatrix([1, 2, .nan, 4], queries: 2, gallery: 2)
        }
        #expect(throws: MetricsError.empty("0 queries and 1 gallery images: both are needed")) {
            try RetrievalEvaluation(queries: [], gallery: [Sighting(person: 1, camera: 1)])
        }
        let bad = try Tensor(values: [1, .nan], shape: [1, 2])
        let good = try Tensor(values: [1, 1], shape: [1, 2])
        #expect(
            throws: MetricsError.invalidInput(
                "the query features hold NaN or infinite values: check the network")
        ) { try FeatureDistances(query: bad, gallery: good) }
        #expect(throws: MetricsError.self) {
            try FeatureDistances(query: good, gallery: Tensor.ones([1, 3]))
        }
        #expect(throws: MetricsError.self) {
            _ = try KReciprocalReRanking(k1: 0).distances(query: good, gallery: good)
        }
        #expect(throws: MetricsError.self) {
            _ = try QueryExpansion(neighbours: 2).expand(query: good, gallery: good)
        }
    }
}
