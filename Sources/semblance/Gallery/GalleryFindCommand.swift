import CommandLineKit
import Gallery

/// `semblance reid find`, `semblance faces find`: entries by what is known of them.
struct GalleryFindCommand<Kind: GalleryKind>: Command {
    static var name: String { "find" }
    static var abstract: String { "List the entries of a gallery that meet conditions, without a photo." }
    static var examples: [CommandExample] {
        [
            CommandExample(
                Kind.line("find --gallery FILE --attributes backpack=yes,gender=female --camera 1"),
                "By attributes."),
            CommandExample(Kind.line("find --gallery FILE --person anna"), "One person's entries."),
        ]
    }

    let location = GalleryOptions()
    @Option(help: "How many at most.", in: .between(1, 1_000_000)) var top: Int = 50
    @Option(help: "How many to pass over.", in: .atLeast(0)) var offset: Int = 0
    let conditions = GalleryFilterOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        let gallery: String
        let kind: SubjectKind
        let entries: [GalleryEntry]
    }

    func run(_ invocation: Invocation) throws {
        let store = try location.open(Kind.kind)
        let entries = try store.find(
            conditions.filter(for: store), top: top, offset: offset, actor: GalleryOptions.actor)
        try invocation.reporter.result(
            Report(gallery: store.location, kind: store.kind, entries: entries))
        for entry in entries { try invocation.reporter.line(entry.line) }
        if entries.isEmpty { invocation.reporter.note("no entry of the gallery meets the conditions") }
    }
}
