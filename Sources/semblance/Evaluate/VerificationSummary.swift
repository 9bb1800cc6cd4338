import Faces
import Foundation
import Metrics

/// What `evaluate verification` tells of one recogniser and probe: text for people, JSON with stable keys for scripts.
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
        /// What gave the similarities.
        let comparison: VerificationCalibration.Similarity
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

    /// The false acceptance rates that are reported, from lenient to strict.
    static let rates: [(name: String, far: Double)] = [
        ("1e-1", 0.1), ("1e-2", 0.01), ("1e-3", 1e-3), ("1e-4", 1e-4),
    ]
    /// Resamples behind the intervals.
    static let rounds = 400

    let report: Report
    /// Every first photo against every second one.
    let allPairs: VerificationTable?
    /// TAR over all pairs in resamples of the persons, by rate.
    let draws: [String: [Double]]
    private let scores: VerificationScores

    init(_ outcome: VerificationOutcome, recogniser: String, seconds: Double, withAllPairs: Bool) throws {
        let figures = try outcome.report(exponents: [1, 2, 3, 4])
        let scores = try outcome.split()
        var intervals: [String: Interval] = [:]
        for rate in Self.rates {
            intervals[rate.name] = try scores.bootstrap(rounds: Self.rounds) {
                try $0.operatingPoint(far: rate.far).tar
            }
        }
        var draws: [String: [Double]] = [:]
        allPairs = withAllPairs ? try outcome.allPairs() : nil
        let all = try allPairs.map { try Self.summary(of: $0, draws: &draws) }
        self.draws = draws
        self.scores = scores
        report = Report(
            pairs: figures.pairs, accuracy: figures.accuracy, accuracySpread: figures.accuracySpread,
            auc: figures.auc, aucInterval: try scores.bootstrap(rounds: Self.rounds) { $0.auc },
            eer: figures.eer, eerInterval: try scores.bootstrap(rounds: Self.rounds) { $0.eer },
            tar: figures.tar, tarInterval: intervals, recogniser: recogniser, probe: outcome.rule.name,
            comparison: outcome.rule.comparison == nil ? .cosine : .joint, photos: outcome.photos,
            withoutFace: outcome.withoutFace.count,
            untreated: outcome.untreated.count, seconds: seconds, allPairs: all)
    }

    /// TAR down to FAR 1e-4, as far as ten impostor pairs lie above the threshold.
    private static func summary(of table: VerificationTable, draws: inout [String: [Double]]) throws
        -> AllPairs
    {
        let scores = table.scores
        let rates = rates.filter { Double(scores.impostor.count) * $0.far >= 10 }
        let rounds = try table.bootstrap(fars: rates.map(\.far), rounds: rounds)
        var (tar, interval): ([String: Double], [String: Interval]) = ([:], [:])
        for (index, rate) in rates.enumerated() {
            tar[rate.name] = try scores.operatingPoint(far: rate.far).tar
            interval[rate.name] = .percentile(rounds[index])
            draws[rate.name] = rounds[index]
        }
        return AllPairs(
            genuine: scores.genuine.count, impostor: scores.impostor.count, auc: scores.auc, eer: scores.eer,
            tar: tar, tarInterval: interval)
    }

    /// For a picture.
    var curves: [(name: String, scores: VerificationScores)] {
        let name = "\(report.recogniser), \(report.probe)"
        guard let allPairs else { return [("\(name): \(report.pairs) pairs of the list", scores)] }
        return [("\(name): all pairs", allPairs.scores)]
    }

    var lines: [String] {
        func percent(_ value: Double) -> String { String(format: "%.2f %%", value * 100) }
        func range(_ interval: Interval?) -> String {
            interval.map { " (\(percent($0.low)) to \(percent($0.high)))" } ?? ""
        }
        var lines = [
            "\(report.recogniser), \(report.probe)\(report.comparison == .joint ? ", compared jointly" : ""): \(report.pairs) pairs, \(report.photos) photos, \(report.withoutFace) recognised whole because no face was found"
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
        for rate in Self.rates {
            guard let tar = report.tar[rate.name] else { continue }
            // Below ten accepted pairs of two persons a threshold rests on single photos.
            let allowed = Int((rate.far * Double(scores.impostor.count) + 1e-9).rounded(.down))
            let remark = allowed < 10 ? ", resting on \(allowed) of \(scores.impostor.count) pairs" : ""
            lines.append(
                "TAR@FAR \(rate.name) \(percent(tar))\(range(report.tarInterval[rate.name]))\(remark)")
        }
        if let all = report.allPairs {
            lines.append("all pairs: \(all.genuine) of one person, \(all.impostor) of two")
            for rate in Self.rates {
                guard let tar = all.tar[rate.name] else { continue }
                lines.append("TAR@FAR \(rate.name) \(percent(tar))\(range(all.tarInterval[rate.name]))")
            }
        }
        return lines
    }
}
