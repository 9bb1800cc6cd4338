import Foundation
import Metrics
import Testing

/// Values come from scikit-learn and SciPy (Tools/reference/metrics.py).
@Suite struct VerificationTests {
    struct Case: Decodable {
        let scores: [Float]
        let same: [Bool]
        let folds: [Int]
        let far: [Double]
        let tar: [Double]
        let thresholds: [Float?]
        let auc: Double
        let eer: Double
        let tarAtFAR: [String: [Double]]
        let accuracies: [Double]
        let accuracyThresholds: [Double]
        let accuracyMean: Double
        let accuracySpread: Double
        let accuracyError: Double
    }

    static let cases = ["smooth", "ties", "separated"]

    private func load(_ name: String) throws -> Case {
        try #require(Fixtures.decode([String: Case].self, "verification.json")[name])
    }

    @Test(arguments: cases) func curveAgrees(name: String) throws {
        let expected = try load(name)
        let scores = try VerificationScores(scores: expected.scores, same: expected.same)
        let points = scores.roc()
        try #require(points.count == expected.far.count)
        for (index, point) in points.enumerated() {
            expectNear(point.far, expected.far[index], 1e-12, "far \(index)")
            expectNear(point.tar, expected.tar[index], 1e-12, "tar \(index)")
            #expect(point.threshold == expected.thresholds[index] ?? .infinity)
        }
        expectNear(scores.auc, expected.auc, 1e-12, "auc")
        expectNear(scores.eer, expected.eer, 1e-9, "eer")
    }

    @Test(arguments: cases) func operatingPointsAgree(name: String) throws {
        let expected = try load(name)
        let scores = try VerificationScores(scores: expected.scores, same: expected.same)
        for (key, values) in expected.tarAtFAR {
            let point = try scores.operatingPoint(far: try #require(Double(key)))
            expectNear(point.tar, values[0], 1e-12, "\(key) tar")
            expectNear(point.far, values[1], 1e-12, "\(key) far")
            expectNear(point.interval.low, values[2], 1e-9, "\(key) low")
            expectNear(point.interval.high, values[3], 1e-9, "\(key) high")
            let (far, tar) = scores.rates(at: point.threshold)
            #expect(far == point.far && tar == point.tar)
        }
    }

    @Test(arguments: cases) func foldedAccuracyAgrees(name: String) throws {
        let expected = try load(name)
        let folded = try FoldedAccuracy(scores: expected.scores, same: expected.same, folds: expected.folds)
        #expect(folded.thresholds == expected.accuracyThresholds)
        for (fold, accuracy) in folded.accuracies.enumerated() {
            expectNear(accuracy, expected.accuracies[fold], 1e-12)
        }
        expectNear(folded.mean, expected.accuracyMean, 1e-12)
        expectNear(folded.spread, expected.accuracySpread, 1e-12)
        expectNear(folded.standardError, expected.accuracyError, 1e-12)
        #expect(try FoldedAccuracy(scores: expected.scores, same: expected.same) == folded)
    }

    @Test func thresholdsComeFromTheOtherFolds() throws {
        // Fold 1's pairs score far higher: the threshold that suits fold 0 accepts all of them.
        let folded = try FoldedAccuracy(
            scores: [0, 1, 10, 11], same: [false, true, false, true], folds: [0, 0, 1, 1])
        #expect(folded.thresholds == [10.5, 0.5])
        #expect(folded.accuracies == [0.5, 0.5])
    }

    @Test func reversedScoresAreNotFlattered() throws {
        let scores = try VerificationScores(scores: [2, 1], same: [false, true])
        #expect(scores.auc == 0)
        #expect(scores.eer == 1)
        #expect(try scores.operatingPoint(far: 0).tar == 0)
        let equal = try VerificationScores(scores: [1, 1, 1], same: [false, true, true])
        #expect(equal.auc == 0.5)
        #expect(equal.eer == 0.5)
    }

    @Test func farBelowOneImpostorAcceptsNoImpostor() throws {
        let scores = try VerificationScores(genuine: [0.1, 0.6, 0.9], impostor: [0.5, 0.2])
        let point = try scores.operatingPoint(far: 1e-6)
        #expect(point.far == 0 && point.allowedImpostors == 0)
        expectNear(point.tar, 2.0 / 3, 1e-12)
        #expect(point.threshold == 0.6)
    }

    @Test func millionsOfPairsAreExact() throws {
        var random = TestRandom(state: 1)
        let impostor = (0..<3_000_000).map { _ in Float.random(in: -1..<1, using: &random) }
        let genuine = (0..<200_000).map { _ in Float.random(in: 0..<1, using: &random) }
        let scores = try VerificationScores(genuine: genuine, impostor: impostor)
        #expect(scores.impostor == impostor.sorted())
        #expect(scores.genuine == genuine.sorted())
        expectNear(scores.auc, 0.75, 2e-3)
        expectNear(scores.eer, 1.0 / 3, 2e-3)
        #expect(scores.roc(limit: 200).count <= 200)
    }

    @Test func bootstrapCoversTheFigureAndRepeats() throws {
        let expected = try load("smooth")
        let scores = try VerificationScores(scores: expected.scores, same: expected.same)
        let interval = try scores.bootstrap(rounds: 400, seed: 3) { $0.auc }
        #expect(interval.low < scores.auc && scores.auc < interval.high)
        // DeLong's deviation for these scores is about 0.011.
        #expect((0.02...0.07).contains(interval.high - interval.low))
        #expect(try scores.bootstrap(rounds: 400, seed: 3) { $0.auc } == interval)
        #expect(try scores.bootstrap(rounds: 400, seed: 4) { $0.auc } != interval)
    }

    @Test func wilsonAtTheEnds() {
        let none = Interval.wilson(successes: 0, trials: 10)
        expectNear(none.low, 0, 1e-15)
        expectNear(none.high, 0.27753, 1e-5)
        expectNear(Interval.wilson(successes: 10, trials: 10).high, 1, 1e-12)
        #expect(Interval.wilson(successes: 0, trials: 0) == Interval(low: 0, high: 1))
    }

    @Test func reportHasTheStableKeys() throws {
        let expected = try load("smooth")
        let report = try VerificationReport(
            scores: expected.scores, same: expected.same, folds: expected.folds)
        let object = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
        #expect(
            Set(object.keys) == ["pairs", "accuracy", "accuracySpread", "auc", "eer", "tar", "tarInterval"])
        #expect(report.pairs == 1200)
        expectNear(try #require(report.tar["1e-2"]), try #require(expected.tarAtFAR["1e-2"]?[0]), 1e-12)
        expectNear(try #require(report.tar["1e-3"]), try #require(expected.tarAtFAR["1e-3"]?[0]), 1e-12)
    }

    @Test func badInputIsExplained() {
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return "no error"
        }
        #expect(
            message { _ = try VerificationScores(scores: [1], same: []) }
                == "1 scores but 0 labels: one label per score is needed")
        #expect(
            message { _ = try VerificationScores(genuine: [1], impostor: []) }
                == "verification needs pairs of both kinds: 1 of one person, 0 of two")
        #expect(
            message { _ = try VerificationScores(genuine: [.nan], impostor: [1]) }
                == "score 0 of the same-person pairs is nan, expected a finite number")
        #expect(
            message { _ = try VerificationScores(genuine: [1], impostor: [1]).operatingPoint(far: 2) }
                == "false acceptance rate 2.0 is outside 0...1")
        #expect(
            message { _ = try FoldedAccuracy(scores: [1, 2], same: [true, false], folds: [3, 3]) }
                == "1 fold(s): the threshold of a fold comes from the others, so two are needed")
        #expect(
            message { _ = try FoldedAccuracy(scores: [1, 2], same: [true, false], foldCount: 10) }
                == "2 pairs cannot be divided into 10 folds (at least 2)")
    }
}
