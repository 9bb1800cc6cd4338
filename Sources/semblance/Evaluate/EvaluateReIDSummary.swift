import Foundation
import ReID

/// What `evaluate reid` prints for people.
enum ReIDSummary {
    static func lines(_ report: ReIDReport) -> [String] {
        var how = [report.protocol, report.distance]
        if report.averagePrecision != "standard" { how.append(report.averagePrecision) }
        var lines = [
            "\(report.queries) queries, \(report.gallery) gallery images (\(how.joined(separator: ", ")))"
        ]
        lines +=
            report.variants.map(table) ?? [figures(report.mAP, report.mINP, report.cmc)]
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

    /// One row per way to rank, in %.
    private static func table(_ variants: [ReIDReport.Variant]) -> [String] {
        let width = (variants.map(\.name.count).max() ?? 0) + 2
        func row(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: width, withPad: " ", startingAt: 0)
                + cells.map { String(repeating: " ", count: max(0, 8 - $0.count)) + $0 }.joined()
        }
        return [row("%", ["mAP", "mINP"] + ReIDReport.ranks.map { "rank-\($0)" })]
            + variants.map { variant in
                let values =
                    [variant.mAP, variant.mINP] + ReIDReport.ranks.map { variant.cmc[String($0)] ?? 0 }
                return row(variant.name, values.map { String(format: "%.2f", $0 * 100) })
            }
    }

    private static func figures(_ mAP: Double, _ mINP: Double, _ cmc: [String: Double])
        -> String
    {
        let ranks = ReIDReport.ranks.map { "rank-\($0) \(percent(cmc[String($0)] ?? 0))" }
        return "mAP \(percent(mAP))  mINP \(percent(mINP))  \(ranks.joined(separator: "  "))"
    }

    /// Cameras by number, "unknown" last.
    private static func order(_ camera: String) -> Int { Int(camera) ?? .max }
}
