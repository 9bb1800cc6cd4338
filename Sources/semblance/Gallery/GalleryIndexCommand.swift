import CommandLineKit
import Foundation
import Gallery
import Training

/// `semblance reid index`, `semblance faces index`: images into a gallery.
struct GalleryIndexCommand<Kind: GalleryKind>: Command {
    static var name: String { "index" }
    static var abstract: String { "Add images to a gallery of \(Kind.plural), which is made if needed." }
    static var discussion: String {
        switch Kind.kind {
        case .person:
            """
            Each image shows one person. Who, and by which camera, is told by a data set's layout, by folders (person/image.jpg) \
            or by names like 0002_c1….jpg; the time by EXIF data or --times. Of each image the gallery keeps the embedding, the \
            attributes that the model predicts or --attributes states, where the file is, and a thumbnail. \
            Images are told by their content: the same one is not added twice, and an interrupted run goes on where it stopped.
            """
        case .face:
            """
            Every face of every photo is found, embedded and kept with its box. Who is shown is told by folders \
            (person/image.jpg) or by --person: in a photo of several, that is the large face near the middle. The time is told by EXIF \
            data or --times. Photos are told by their content: the same one is not added twice, and an interrupted run \
            goes on where it stopped.
            """
        }
    }
    static var examples: [CommandExample] {
        switch Kind.kind {
        case .person:
            [
                CommandExample(
                    Kind.line("index Market-1501-v15.09.15 --gallery market.gallery"),
                    "The gallery images of a data set."),
                CommandExample(
                    Kind.line("index door/ --camera 2 --gallery people.gallery"), "One camera's images."),
            ]
        case .face:
            [
                CommandExample(
                    Kind.line("index photos/ --gallery faces.gallery"), "Every face of a folder."),
                CommandExample(
                    Kind.line("index photos/ --gallery unmasked.gallery --unmask"),
                    "With masks recovered first."),
            ]
        }
    }

    @Argument(help: "Folders of images, or images (JPEG, PNG, WebP).") var input: [FilePath]
    let location = GalleryOptions()
    @Option(help: "Who is shown where nothing else tells.", value: "NAME") var person: String?
    @Option(help: "The camera where nothing else tells.", in: .atLeast(0)) var camera: Int?
    @Option(help: "When images were taken: CSV with the header image,time.", value: "FILE")
    var times: FilePath?
    @Flag(help: "Take nothing from the names of folders and files.") var anonymous: Bool
    @Option(help: "Longer side of the thumbnails that are kept, in pixels; none keeps none.")
    var thumbnails: ThumbnailSide = .pixels(160)
    let indexing = Kind.Indexing()
    let compute = ComputeOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        let gallery: String
        let kind: SubjectKind
        let model: EmbeddingModel
        let files: Int
        let added: Int
        let duplicates: Int
        let empty: [String]
        let unreadable: [IndexReport.Unreadable]
        let seconds: Double
    }

    func run(_ invocation: Invocation) throws {
        // What is wrong with the arguments is told before any network is loaded.
        var labels = try indexing.labels()
        (labels.isAnonymous, labels.person, labels.camera) = (anonymous, person, camera)
        labels.times = try times.map { try TimeTable(path: $0.string) }
        let items = try labels.items(input) { invocation.reporter.note($0) }
        let existing = try location.openIfThere(Kind.kind)
        let embedder = try indexing.embedder(of: existing?.model, device: try compute.prepare())
        let store = try existing ?? location.create(Kind.kind, model: embedder.model)
        var indexer = try GalleryIndexer(store, embedder: embedder, actor: GalleryOptions.actor)
        indexer.thumbnailSide = thumbnails.side
        let clock = ContinuousClock()
        let start = clock.now
        let done = try index(items, indexer, invocation)
        try invocation.reporter.result(
            Report(
                gallery: store.location, kind: store.kind, model: store.model, files: done.files,
                added: done.added, duplicates: done.duplicates, empty: done.empty,
                unreadable: done.unreadable, seconds: (clock.now - start) / .seconds(1)))
        try invocation.reporter.line("\(store.location): \(summary(done))")
        guard done.unreadable.isEmpty else { throw Exit(ExitStatus.failure) }
    }

    private func index(_ items: [IndexItem], _ indexer: GalleryIndexer, _ invocation: Invocation) throws
        -> IndexReport
    {
        let reporter = invocation.reporter
        let bar = reporter.isQuiet ? nil : ProgressReporter("index", total: items.count, unit: "image")
        var told = 0
        var last = IndexReport(files: items.count)
        do {
            let done = try indexer(items) { report in
                for bad in report.unreadable[told...] {
                    let text = "semblance: error: left out: \(bad.reason)"
                    if let bar { bar.line(text) } else { reporter.error("left out: \(bad.reason)") }
                }
                (told, last) = (report.unreadable.count, report)
                bar?.update(report.done, summary(report))
                if report.done < report.files { try invocation.cancellation.check() }
            }
            bar?.finish(done.done)
            return done
        } catch is CancelledError {
            bar?.finish(last.done)
            reporter.note("\(summary(last)); what was added stays, and the same command goes on from there")
            throw CancelledError()
        }
    }

    private func summary(_ report: IndexReport) -> String {
        var parts = ["\(report.added) \(Kind.unit)\(report.added == 1 ? "" : "s") added"]
        if report.duplicates > 0 { parts.append("\(report.duplicates) files there already") }
        if !report.empty.isEmpty { parts.append("\(report.empty.count) without a face") }
        if !report.unreadable.isEmpty { parts.append("\(report.unreadable.count) unreadable") }
        return parts.joined(separator: ", ")
    }
}

/// A number of pixels, or none.
enum ThumbnailSide: ArgumentValue, Equatable {
    case none
    case pixels(Int)

    static var valueName: String { "PIXELS" }
    var argumentText: String { side.map { "\($0)" } ?? "none" }
    var side: Int? { if case .pixels(let side) = self { side } else { nil } }

    init(argument: String) throws(ArgumentError) {
        guard argument != "none" else {
            self = .none
            return
        }
        guard let side = Int(argument), (16...1024).contains(side) else {
            throw ArgumentError("is neither 'none' nor a number of pixels from 16 to 1024")
        }
        self = .pixels(side)
    }
}
