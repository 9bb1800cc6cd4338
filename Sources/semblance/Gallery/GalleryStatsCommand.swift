import CommandLineKit
import Foundation
import Gallery

/// `semblance reid stats`, `semblance faces stats`.
struct GalleryStatsCommand<Kind: GalleryKind>: Command {
    static var name: String { "stats" }
    static var abstract: String { "Show what a gallery holds." }

    let location = GalleryOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        let statistics: GalleryStatistics
        /// Number of entries by value, by attribute.
        let attributes: [String: [String: Int]]
    }

    func run(_ invocation: Invocation) throws {
        let store = try location.open(Kind.kind)
        let found = try Report(statistics: store.statistics(), attributes: store.attributes())
        try invocation.reporter.result(found)
        for line in lines(found) { try invocation.reporter.line(line) }
    }

    private func lines(_ found: Report) -> [String] {
        let numbers = found.statistics
        var lines = [
            numbers.location,
            "model       \(numbers.model)",
            "\(Kind.plural.padding(toLength: 12, withPad: " ", startingAt: 0))\(numbers.images) \(Kind.unit)s of \(numbers.identities) known people, and \(numbers.unidentified) of nobody known",
        ]
        if !numbers.cameras.isEmpty {
            let cameras = numbers.cameras.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            lines.append("cameras     \(cameras.joined(separator: ", "))")
        }
        if let earliest = numbers.earliest, let latest = numbers.latest {
            lines.append("taken       \(earliest.formatted(.iso8601)) to \(latest.formatted(.iso8601))")
        }
        for (name, values) in found.attributes.sorted(by: { $0.key < $1.key }) {
            let counts = values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { "\($0.key) \($0.value)" }
            lines.append("attribute   \(name): \(counts.joined(separator: ", "))")
        }
        let index = numbers.index
        lines.append("thumbnails  \(numbers.thumbnails)")
        lines.append(
            "index       \(index.line)")
        lines.append(String(format: "size        %.1f MB", Double(numbers.bytes) / 1e6))
        return lines
    }
}

extension IndexSummary {
    /// On one line for people.
    var line: String {
        var text = kind + (parameters.isEmpty ? "" : " (\(parameters))")
        text += String(format: ", recall %.4f", recall)
        if let milliseconds { text += String(format: ", %.2f ms a search", milliseconds) }
        if let memory { text += String(format: ", %.1f MB of memory", Double(memory) / 1e6) }
        return text
    }
}
