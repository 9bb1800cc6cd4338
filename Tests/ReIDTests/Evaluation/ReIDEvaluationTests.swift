import Foundation
import Metrics
import ReID
import Testing
import Torch

/// Values come from Tools/reference/reid_evaluation.py: torchreid's semantics in NumPy, scikit-learn for pairs.
@Suite struct ReIDEvaluationTests {
    private func expectEqual(
        _ report: ReIDReport, _ expected: EvaluationFixtures.Figures, _ tolerance: Double
    ) {
        #expect(report.queries == expected.queries)
        #expect(report.gallery == expected.gallery)
        expectClose(report.mAP, expected.mAP, tolerance, "mAP")
        expectClose(report.mINP, expected.mINP, tolerance, "mINP")
        #expect(Set(report.cmc.keys) == ["1", "5", "10", "20"])
        for (rank, value) in expected.cmc { expectClose(report.cmc[rank], value, 1e-12, "cmc \(rank)") }
    }

    private func expectEqual(
        _ verification: ReIDReport.Verification?, _ expected: EvaluationFixtures.Verification,
        _ tolerance: Double
    ) throws {
        let verification = try #require(verification)
        #expect(verification.genuine == expected.genuine)
        #expect(verification.impostor == expected.impostor)
        expectClose(verification.auc, expected.auc, tolerance, "auc")
        expectClose(verification.eer, expected.eer, tolerance, "eer")
        #expect(Set(verification.tar.keys) == Set(expected.tar.keys))
        for (rate, value) in expected.tar { expectClose(verification.tar[rate], value, tolerance, rate) }
        for (rate, interval) in verification.tarInterval {
            #expect(interval.low < interval.high && interval.low <= verification.tar[rate] ?? -1)
        }
    }

    @Test(arguments: ["random", "ties"]) func euclideanAgrees(name: String) throws {
        let all = try EvaluationFixtures.expected()
        let expected = name == "random" ? all.random : all.ties
        var settings = ReIDEvaluation.Settings()
        settings.distance = .squaredEuclidean
        settings.perCamera = true
        settings.verification = true
        let evaluation = try EvaluationFixtures.evaluation(name)
        let outcome = try evaluation.evaluate(settings)
        expectEqual(outcome.report, expected.euclidean, 1e-12)
        // The exact case must agree to the last pair; in the other, rounding may swap two pairs of 7,799.
        try expectEqual(
            outcome.report.verification, expected.euclideanVerification, name == "ties" ? 1e-12 : 1e-5)
        let cameras = try #require(outcome.report.perCamera)
        #expect(Set(cameras.keys) == Set(expected.euclidean.perCamera.keys))
        for (camera, value) in expected.euclidean.perCamera {
            #expect(cameras[camera]?.queries == value.queries)
            expectClose(cameras[camera]?.mAP, value.mAP, 1e-12, "camera \(camera)")
            expectClose(cameras[camera]?.rank1, value.rank1, 1e-12, "camera \(camera)")
        }
        #expect(outcome.report.plain == nil)
        #expect(outcome.report.distance == "euclidean")

        settings.averagePrecision = .trapezoid
        let classic = try evaluation.evaluate(settings).report
        expectClose(classic.mAP, expected.euclidean.trapezoidMAP, 1e-12, "trapezoid")
        #expect(classic.averagePrecision == "trapezoid")
    }

    @Test func cosineAgrees() throws {
        let expected = try EvaluationFixtures.expected().random
        var settings = ReIDEvaluation.Settings()
        settings.verification = true
        let report = try EvaluationFixtures.evaluation("random").evaluate(settings).report
        expectEqual(report, try #require(expected.cosine), 1e-12)
        try expectEqual(report.verification, try #require(expected.cosineVerification), 1e-5)
        #expect(report.distance == "cosine" && report.protocol == "market1501")
    }

    @Test func reRankingAndExpansionAgreeAndTellThePlainResult() throws {
        let expected = try EvaluationFixtures.expected().random
        let evaluation = try EvaluationFixtures.evaluation("random")
        var settings = ReIDEvaluation.Settings()
        settings.reRanking = KReciprocalReRanking()
        let reRanked = try evaluation.evaluate(settings).report
        expectEqual(reRanked, try #require(expected.reRanked), 1e-6)
        #expect(reRanked.reRanking?.k1 == 20 && reRanked.reRanking?.k2 == 6)
        #expect(reRanked.reRanking?.lambda == 0.3)
        expectClose(reRanked.plain?.mAP, expected.cosine?.mAP, 1e-12, "plain")

        settings = ReIDEvaluation.Settings()
        settings.queryExpansion = QueryExpansion()
        let expanded = try evaluation.evaluate(settings).report
        expectEqual(expanded, try #require(expected.expanded), 1e-12)
        #expect(expanded.queryExpansion?.neighbours == 5 && expanded.queryExpansion?.alpha == 0)

        settings.distance = .squaredEuclidean
        #expect(throws: ReIDError.self) { try evaluation.evaluate(settings) }
    }

    @Test(arguments: [true, false]) func rankedListsAgree(isCosine: Bool) throws {
        let expected = try EvaluationFixtures.expected()
        let evaluation = try EvaluationFixtures.evaluation(isCosine ? "random" : "ties")
        var settings = ReIDEvaluation.Settings()
        settings.distance = isCosine ? .cosine : .squaredEuclidean
        let outcome = try evaluation.evaluate(settings)
        let lists = try #require(isCosine ? expected.random.cosineLists : expected.ties.euclideanLists)
        for (query, list) in lists.enumerated() {
            let own = try evaluation.rankedList(query, in: outcome)
            #expect(own.entries.map(\.image) == list.images, "query \(query)")
            #expect(own.entries.map(\.isCorrect) == list.correct, "query \(query)")
            #expect(own.averagePrecision == outcome.result.perQuery[query]?.averagePrecision)
        }
        if !isCosine {
            let first = try evaluation.rankedList(0, in: outcome, length: 1)
            let image = try #require(first.entries.first)
            let a = try evaluation.query.features.select(0, 0)
            let b = try evaluation.gallery.features.select(0, image.image)
            expectClose(Double(image.distance), try (a - b).square().sum().item().squareRoot(), 1e-6)
        }
        #expect(evaluation.spreadQueries(4) == (0..<4).map { $0 * evaluation.query.count / 4 })
        #expect(evaluation.spreadQueries(10_000).count == evaluation.query.count)
    }

    @Test func featuresOfTwoModelsAreRefused() throws {
        let a = try FeatureFile(features: Tensor.ones([2, 3]), ids: [1, 2], cameras: [0, 0])
        let b = try FeatureFile(features: Tensor.ones([2, 4]), ids: [1, 2], cameras: [1, 1])
        #expect(
            throws: ReIDError.invalidArgument(
                "the queries have 3 dimensions, the gallery 4: embed both with one model")
        ) { try ReIDEvaluation(query: a, gallery: b) }
    }

    @Test func galleryOfTheSameCameraOnlyHasNoAnswer() throws {
        let one = try FeatureFile(features: Tensor.ones([2, 3]), ids: [1, 2], cameras: [0, 0])
        #expect(throws: MetricsError.self) { try ReIDEvaluation(query: one, gallery: one).evaluate() }
        // An unknown camera is no reason to drop a match.
        let unknown = try FeatureFile(features: Tensor.eye(2), ids: [1, 2], cameras: [-1, -1])
        let report = try ReIDEvaluation(query: unknown, gallery: unknown).evaluate().report
        #expect(report.queries == 2 && report.mAP == 1)
    }

    @Test func pairsOfOneKindAreNoVerification() throws {
        let query = try FeatureFile(features: Tensor.eye(2), ids: [1, 1], cameras: [0, 0])
        let gallery = try FeatureFile(features: Tensor.eye(2), ids: [1, -1], cameras: [1, 1])
        var settings = ReIDEvaluation.Settings()
        settings.verification = true
        let error = try #require(throws: MetricsError.self) {
            try ReIDEvaluation(query: query, gallery: gallery).evaluate(settings)
        }
        #expect(error.description.contains("2 of one person by two cameras, 0 of two people"))
    }

    /// Against the floor's own exact scores, on many pairs with many ties.
    @Test(arguments: [0, 3, 50]) func pairScoresAgreeWithVerificationScores(levels: Int) throws {
        let (queries, gallery) = (31, 97)
        let generator = try Generator(seed: UInt64(levels + 1))
        var values = try Tensor.rand([queries * gallery], generator: generator).floats()
        if levels > 0 { values = values.map { ($0 * Float(levels)).rounded() } }
        let people = (0..<queries).map { Sighting(person: $0 % 7, camera: $0 % 2) }
        let seen = (0..<gallery).map { Sighting(person: $0 % 9 - 1, camera: $0 % 3) }
        let pairs = try PairVerification(
            DistanceMatrix(values, queries: queries, gallery: gallery), queries: people, gallery: seen,
            chunk: 5)
        var (genuine, impostor): ([Float], [Float]) = ([], [])
        for q in 0..<queries {
            for g in 0..<gallery where seen[g].person >= 0 {
                let value = -values[q * gallery + g]
                if seen[g].person != people[q].person {
                    impostor.append(value)
                } else if seen[g].camera != people[q].camera {
                    genuine.append(value)
                }
            }
        }
        let scores = try VerificationScores(genuine: genuine, impostor: impostor)
        #expect(pairs.genuine.count == genuine.count && pairs.impostor == impostor.count)
        expectClose(pairs.auc, scores.auc, 1e-12, "auc")
        expectClose(pairs.eer, scores.eer, 1e-12, "eer")
        for far in [0, 0.001, 0.01, 0.1, 0.3, 0.9, 1] {
            expectClose(pairs.tar(far: far), try scores.operatingPoint(far: far).tar, 1e-12, "FAR \(far)")
        }
        let points = pairs.points()
        #expect(points.first?.far == 0 && points.first?.tar == 0)
        #expect(points.last?.far == 1 && points.last?.tar == 1)
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.far <= $1.far && $0.tar <= $1.tar })
    }

    @Test func attributesAgree() throws {
        let expected = try EvaluationFixtures.expected().attributes
        var evaluation = AttributeEvaluation([
            ("hat", ["no", "yes"]), ("age", ["young", "adult", "old"]), ("never", ["no", "yes"]),
        ])
        for index in expected.truth.indices {
            try evaluation.add(
                predicted: expected.predicted[index], truth: expected.truth[index],
                person: expected.people[index])
        }
        let report = try evaluation.report()
        #expect(report.images == 120 && report.people == expected.distinct)
        for (own, other) in zip(report.perAttribute, expected.perAttribute) {
            #expect(own.images == other.images)
            expectClose(own.accuracy, other.accuracy, 1e-12, own.name)
            expectClose(own.balancedAccuracy, other.balancedAccuracy, 1e-12, own.name)
            expectClose(own.majority, other.majority, 1e-12, own.name)
            expectClose(own.majorityBalanced, other.majorityBalanced, 1e-12, own.name)
        }
        expectClose(report.mA, expected.mA, 1e-12, "mA")
        expectClose(report.accuracy, expected.perAttribute.map(\.accuracy).reduce(0, +) / 3, 1e-12)
        #expect(report.lines.count == 3 + 2 + 2)
        #expect(report.decisions["likeliest"] == report.decisions["balanced"])

        // Each measure is of the decision that serves it; both are kept.
        var two = AttributeEvaluation([("hat", ["no", "yes"])])
        for (truth, likeliest, balanced) in [(0, 0, 0), (0, 0, 1), (0, 0, 1), (1, 0, 1)] {
            try two.add(predicted: [likeliest], balanced: [balanced], truth: [truth], person: 1)
        }
        let both = try two.report()
        #expect(both.accuracy == 0.75 && both.majority == 0.75)
        #expect(abs(both.balancedAccuracy - 2.0 / 3) < 1e-12 && both.mA == both.balancedAccuracy)
        #expect(both.decisions["likeliest"]?.accuracy == 0.75)
        #expect(both.decisions["likeliest"]?.balancedAccuracy == 0.5)
        #expect(both.decisions["balanced"]?.accuracy == 0.5)
        #expect(both.perAttribute[0].decisions == both.decisions)

        #expect(throws: ReIDError.self) {
            try evaluation.add(predicted: [0, 3, 0], truth: [0, 0, 0], person: 1)
        }
        #expect(throws: ReIDError.self) { try evaluation.add(predicted: [0, 0], truth: [0, 0], person: 1) }
        #expect(throws: ReIDError.self) { try AttributeEvaluation([("hat", ["no", "yes"])]).report() }
    }
}
