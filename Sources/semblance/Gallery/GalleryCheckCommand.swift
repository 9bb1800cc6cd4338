import CommandLineKit
import Gallery

/// `semblance reid check`, `semblance faces check`.
struct GalleryCheckCommand<Kind: GalleryKind>: Command {
    static var name: String { "check" }
    static var abstract: String { "Look for damage in a gallery: its database, its vectors, its index." }
    static var discussion: String { "Ends with status 1 when something is wrong." }

    let location = GalleryOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        let gallery: String
        let isSound: Bool
        let checks: [IntegrityReport.Check]
    }

    func run(_ invocation: Invocation) throws {
        let store = try location.open(Kind.kind)
        let found = try store.checkIntegrity()
        try invocation.reporter.result(
            Report(gallery: store.location, isSound: found.isSound, checks: found.checks))
        for check in found.checks {
            try invocation.reporter.line(
                "\(check.isSound ? "sound  " : "DAMAGED")  \(check.name): \(check.detail)")
        }
        guard found.isSound else { throw Exit(ExitStatus.failure) }
    }
}
