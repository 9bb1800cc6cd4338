import CommandLineKit
import Foundation
import Gallery

/// `semblance reid audit`, `semblance faces audit`.
struct GalleryAuditCommand<Kind: GalleryKind>: Command {
    static var name: String { "audit" }
    static var abstract: String { "Show who searched a gallery, added to it and deleted from it." }
    static var discussion: String {
        "Oldest first. Records hold numbers, never names or paths of the people shown, so they may outlive a deletion."
    }

    let location = GalleryOptions()
    @Option(help: "Records with larger numbers only.", in: .atLeast(0)) var after: Int = 0
    @Option(help: "How many at most.", in: .between(1, 1_000_000)) var limit: Int = 100
    let report = ReportOptions()

    private struct Report: Encodable {
        let gallery: String
        let records: [AuditRecord]
    }

    func run(_ invocation: Invocation) throws {
        let store = try location.open(Kind.kind)
        let records = try store.audit(after: Int64(after), limit: limit)
        try invocation.reporter.result(Report(gallery: store.location, records: records))
        for record in records {
            let detail = record.detail.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            try invocation.reporter.line(
                "#\(record.id)  \(record.time.formatted(.iso8601))  \(record.actor)  \(record.action.rawValue)  \(detail.joined(separator: ", "))"
            )
        }
    }
}
