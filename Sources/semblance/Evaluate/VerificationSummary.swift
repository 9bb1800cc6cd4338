import Faces
import Foundation
import Metrics

/// What `evaluate verification` prints: text for people, JSON with stable keys for scripts.
struct VerificationSummary {
    struct Report: Encodable {
        let pairs: Int
        let accuracy: Double
        let accuracySpread: Double
        let auc: Double
        let aucInterval: Interval
        let eer: Double
        let eerInterval: Interval
        let tar: [String: Double]
        let tarInterval: [String: Interval]
        let recogniser: String
        let probe: String
        let photos: Int
        let withoutFace: Int
        let untreated: Int
        let seconds: Double
        var allPairs: AllPairs?
    }

    struct AllPairs: Encodable {
        let genuine: Int
        let impostor: Int
        let auc: Double
        let eer: Double
        let tar: [String: Double]
        let tarInterval: [String: Interval]
    }

    var report: Report
    /// Scores of every first photo against every second one.
    let allScores: VerificationScores?

    init(
        _ outcome: VerificationRun.Outcome, recogniser: String, probe: String, seconds: Double,
        withAllPairs: Bool
    ) throws {
        let figures = try outcome.report()
        let scores = try outcome.split()
        report = Report(
            pairs: figures.pairs, accuracy: figures.accuracy, accuracySpread: figures.accuracySpread,
            auc: figures.auc, aucInterval: try scores.bootstrap(rounds: 400) { $0.auc }, eer: figures.eer,
            eerInterval: try scores.bootstrap(rounds: 400) { $0.eer }, tar: figures.tar,
            tarInterval: figures.tarInterval, recogniser: recogniser, probe: probe, photos: outcome.photos,
            withoutFace: outcome.withoutFace.count, untreated: outcome.untreated.count, seconds: seconds)
        allScores = withAllPairs ? try outcome.allPairs() : nil
        if let allScores { report.allPairs = try Self.summary(of: allScores) }
    }

    /// TAR down to FAR 1e-4, as far as ten impostor pairs lie above the threshold.
    private static func summary(of scores: VerificationScores) throws -> AllPairs {
        var (tar, interval): ([String: Double], [String: Interval]) = ([:], [:])
        for (name, far) in [("1e-1", 0.1), ("1e-2", 0.01), ("1e-3", 1e-3), ("1e-4", 1e-4)]
        where Double(scores.impostor.count) * far >= 10 {
            let point = try scores.operatingPoint(far: far)
            tar[name] = point.tar
            interval[name] = point.interval
        }
        return AllPairs(
            genuine: scores.genuine.count, impostor: scores.impostor.count, auc: scores.auc, eer: scores.eer,
            tar: tar, tarInterval: interval)
    }

    var lines: [String] {
        func percent(_ value: Double) -> String { String(format: "%.2f %%", value * 100) }
        func range(_ interval: Interval?) -> String {
            interval.map { " (\(percent($0.low)) to \(percent($0.high)))" } ?? ""
        }
        var lines = [
            "\(report.recogniser), \(report.probe): \(report.pairs) pairs, \(report.photos) photos, \(report.withoutFace) recognised whole because no face was found"
        ]
        if report.untreated > 0 {
            lines.append(
                "\(report.untreated) photos stayed as they were, because no face was found to put a mask on or to recover"
            )
        }
        lines += [
            "accuracy     \(percent(report.accuracy)) ± \(percent(report.accuracySpread)) over folds",
            "AUC          \(percent(report.auc))\(range(report.aucInterval))",
            "EER          \(percent(report.eer))\(range(report.eerInterval))",
        ]
        for key in report.tar.keys.sorted() {
            lines.append(
                "TAR@FAR \(key) \(percent(report.tar[key] ?? 0))\(range(report.tarInterval[key]))")
        }
        if let all = report.allPairs {
            lines.append("all pairs: \(all.genuine) of one person, \(all.impostor) of two")
            for key in all.tar.keys.sorted() {
                lines.append("TAR@FAR \(key) \(percent(all.tar[key] ?? 0))\(range(all.tarInterval[key]))")
            }
        }
        return lines
    }
}
