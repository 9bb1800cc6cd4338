import Foundation
import ReID

/// What `evaluate reid` prints for people.
enum ReIDSummary {
    static func lines(_ report: ReIDReport) -> [String] {
        var how = [report.protocol, report.distance]
        if report.averagePrecision != "standard" { how.append(report.averagePrecision) }
        if report.queryExpansion != nil { how.append("queries expanded") }
        if report.reRanking != nil { how.append("re-ranked") }
        var lines = [
            "\(report.queries) queries, \(report.gallery) gallery images (\(how.joined(separator: ", ")))",
            figures("", report.mAP, report.mINP, report.cmc),
        ]
        if let plain = report.plain { lines.append(figures("plain: ", plain.mAP, plain.mINP, plain.cmc)) }
        for (camera, own) in (report.perCamera ?? [:]).sorted(by: { order($0.key) < order($1.key) }) {
            lines.append(
                "camera \(camera): mAP \(percent(own.mAP))  rank-1 \(percent(own.rank1))  (\(own.queries) queries)"
            )
        }
        if let pairs = report.verification {
            lines.append(
                "pairs: \(pairs.genuine) of one person by two cameras, \(pairs.impostor) of two people")
            lines.append("AUC \(percent(pairs.auc))  EER \(percent(pairs.eer))")
            for key in pairs.tar.keys.sorted() {
                let interval =
                    pairs.tarInterval[key].map { " (\(percent($0.low)) to \(percent($0.high)))" } ?? ""
                lines.append("TAR@FAR \(key) \(percent(pairs.tar[key] ?? 0))\(interval)")
            }
        }
        lines += report.attributes?.lines ?? []
        if let seconds = report.seconds.features {
            lines.append(
                String(format: "embedded in %.1f s, scored in %.1f s", seconds, report.seconds.evaluation))
        }
        return lines
    }

    static func percent(_ value: Double) -> String { String(format: "%.2f %%", value * 100) }

    private static func figures(_ name: String, _ mAP: Double, _ mINP: Double, _ cmc: [String: Double])
        -> String
    {
        let ranks = ReIDReport.ranks.map { "rank-\($0) \(percent(cmc[String($0)] ?? 0))" }
        return "\(name)mAP \(percent(mAP))  mINP \(percent(mINP))  \(ranks.joined(separator: "  "))"
    }

    /// Cameras by number, "unknown" last.
    private static func order(_ camera: String) -> Int { Int(camera) ?? .max }
}
