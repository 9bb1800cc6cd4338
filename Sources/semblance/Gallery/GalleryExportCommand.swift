import CommandLineKit
import Gallery

/// `semblance reid export`, `semblance faces export`.
struct GalleryExportCommand<Kind: GalleryKind>: Command {
    static var name: String { "export" }
    static var abstract: String { "Write a gallery as plain files: JSON lines and safetensors." }
    static var discussion: String {
        """
        The folder holds gallery.json, entries-….jsonl with one entry a line, and vectors-….safetensors with their embeddings and \
        thumbnails in the same order. It appears when it is complete. 'import' makes a gallery of it again, equal but for its ids.
        """
    }
    static var examples: [CommandExample] {
        [CommandExample(Kind.line("export copy/ --gallery FILE"), "Everything that is kept.")]
    }

    @Argument(help: "Folder to write; must not hold anything yet.", completion: .folder) var output: FilePath
    let location = GalleryOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        let gallery: String
        let output: String
        let images: Int
    }

    func run(_ invocation: Invocation) throws {
        let store = try location.open(Kind.kind)
        var folder = output.string
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        let archive = try GalleryArchive.write(store, to: folder, actor: GalleryOptions.actor) {
            done, total in
            try invocation.cancellation.check()
            invocation.reporter.progress("export \(done)/\(total)", isFinal: done == total)
        }
        try invocation.reporter.result(
            Report(gallery: store.location, output: output.string, images: archive.images))
        try invocation.reporter.line("\(output): \(archive.images) entries")
    }
}

/// `semblance reid import`, `semblance faces import`.
struct GalleryImportCommand<Kind: GalleryKind>: Command {
    static var name: String { "import" }
    static var abstract: String { "Add an exported gallery to a gallery, which is made if needed." }
    static var discussion: String {
        "Both must hold embeddings of one model. Entries that are there already are left out, so an import that was interrupted can be begun again."
    }
    static var examples: [CommandExample] {
        [CommandExample(Kind.line("import copy/ --gallery FILE"), "What 'export' wrote.")]
    }

    @Argument(help: "Folder that 'export' wrote.", completion: .folder) var input: FilePath
    let location = GalleryOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        let gallery: String
        let added: Int
        let duplicates: Int
    }

    func run(_ invocation: Invocation) throws {
        let archive = try GalleryArchive(contentsOf: input.string)
        guard archive.kind == Kind.kind else {
            throw GalleryError.otherKind(path: input.string, gallery: archive.kind, given: Kind.kind)
        }
        let store = try location.openIfThere(Kind.kind) ?? location.create(Kind.kind, model: archive.model)
        let done = try archive.add(to: store, actor: GalleryOptions.actor) { done, total in
            try invocation.cancellation.check()
            invocation.reporter.progress("import \(done)/\(total)", isFinal: done == total)
        }
        try invocation.reporter.result(
            Report(gallery: store.location, added: done.added, duplicates: done.duplicates))
        try invocation.reporter.line(
            "\(store.location): \(done.added) entries added, \(done.duplicates) there already")
    }
}
