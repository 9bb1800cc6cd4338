import CommandLineKit
import Foundation
import Gallery

/// `semblance reid delete`, `semblance faces delete`.
struct GalleryDeleteCommand<Kind: GalleryKind>: Command {
    static var name: String { "delete" }
    static var abstract: String { "Delete a person, an image, or what is old, for good." }
    static var discussion: String {
        """
        Entries go with their embeddings, thumbnails and attributes, and the gallery's files are rewritten and searched until nothing of \
        them is left; copies, exports and back-ups are yours to delete. The images themselves are not touched.
        """
    }
    static var examples: [CommandExample] {
        [
            CommandExample(Kind.line("delete --gallery FILE --person anna"), "All of one person."),
            CommandExample(Kind.line("delete --gallery FILE --before 2026-01-31"), "What is older."),
        ]
    }
    static var mutuallyExclusive: [[String]] { [["person", "image", "path", "before"]] }

    let location = GalleryOptions()
    @Option(help: "Every entry of this person.", value: "NAME") var person: String?
    @Option(help: "The entry with this number.", in: .atLeast(1)) var image: Int?
    @Option(help: "Every entry that came from this file.", value: "FILE") var path: FilePath?
    @Option(help: "Every image taken before; where that is not known, added before.") var before: Moment?
    let report = ReportOptions()

    func validate() throws(UsageError) {
        guard person != nil || image != nil || path != nil || before != nil else {
            throw UsageError("say what to delete: --person, --image, --path or --before")
        }
    }

    func run(_ invocation: Invocation) throws {
        let store = try location.open(Kind.kind)
        var report = DeletionReport(images: 0, identities: 0, isErased: true)
        for selection in selections {
            report = try store.delete(selection, actor: GalleryOptions.actor)
            if report.images > 0 { break }
        }
        try invocation.reporter.result(report)
        if report.images == 0, before == nil {
            throw GalleryError.invalidArgument(
                "\(store.location): there is no such entry: nothing was deleted")
        }
        try invocation.reporter.line(
            "\(report.images) deleted\(report.identities > 0 ? ", nothing left of \(report.identities) \(report.identities == 1 ? "person" : "people")" : "")"
        )
        if let remark = report.remark { invocation.reporter.warning(remark) }
        // A server's files are out of our sight: there the remark has to do.
        if !report.isErased, !GalleryLocation.isServer(location.gallery.string) {
            throw Exit(ExitStatus.failure)
        }
    }

    private var selections: [GallerySelection] {
        if let person { return [.person(person)] }
        if let image { return [.image(Int64(image))] }
        // Index keeps paths in full; what came from elsewhere may have others.
        if let path { return [.path(path.string), .path(ImageLabels.absolute(path.string))] }
        return before.map { [.before($0.date)] } ?? []
    }
}
