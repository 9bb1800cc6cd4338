import CommandLineKit
import Faces
import Foundation
import Gallery
import Imaging
import Resources

/// `semblance reid search`, `semblance faces search`: who in a gallery looks most like a photo.
struct GallerySearchCommand<Kind: GalleryKind>: Command {
    static var name: String { "search" }
    static var abstract: String { "Find the \(Kind.plural) of a gallery that look most like a photo." }
    static var discussion: String {
        """
        Prints the most similar entries, best first, with the cosine of both embeddings; conditions are exact with every index. \
        \(Kind.kind == .face ? "Of a photo with several faces, the main one is searched for. " : "")\
        Similar is not the same: a search gives candidates for people to look at.
        """
    }
    static var examples: [CommandExample] {
        [
            CommandExample(
                Kind.line("search photo.jpg --gallery FILE --top 10 --picture ranked.png"),
                "The ten most similar, also as a picture."),
            CommandExample(
                Kind.line("search photo.jpg --gallery FILE --camera 3 --after 2026-01-31 --json"),
                "What camera 3 saw since then."),
        ]
    }

    @Argument(help: "Photos, folders of photos, or example:astronaut.") var image: [FilePath]
    let location = GalleryOptions()
    @Option(help: "How many results at most.", in: .between(1, 1_000_000)) var top: Int = 10
    @Option(help: "Write a picture of the photo and its results (.png, .jpg); for one photo.", value: "FILE")
    var picture: FilePath?
    let conditions = GalleryFilterOptions()
    let embedding = Kind.Query()
    let compute = ComputeOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        struct Query: Encodable {
            let file: String
            /// [x, y, width, height]; nil when the whole photo is searched for.
            let box: [Int]?
            /// What the model says about the person.
            let attributes: [String: String]?
            let hits: [GalleryHit]
        }
        let gallery: String
        let kind: SubjectKind
        var queries: [Query] = []
    }

    func run(_ invocation: Invocation) throws {
        let files = try ResourceLocator.standard.images(image)
        if picture != nil, files.count != 1 {
            throw UsageError("--picture shows the results of one photo, not of \(files.count)")
        }
        let store = try location.open(Kind.kind)
        let filter = try conditions.filter(for: store)
        let embedder = try embedding.embedder(of: store.model, device: compute.prepare())
        try store.require(kind: embedder.kind, model: embedder.model)
        var report = Report(gallery: store.location, kind: store.kind)
        for start in stride(from: 0, to: files.count, by: embedder.batch) {
            try invocation.cancellation.check()
            if files.count > 1 { invocation.reporter.progress("search \(start)/\(files.count)") }
            let batch = files[start..<min(start + embedder.batch, files.count)]
            let photos = try batch.map { try Image.read($0).rgb() }
            for (file, subjects) in zip(batch, try embedder.subjects(of: photos)) {
                guard let subject = subjects.first else {
                    throw FacesError.invalidArgument(
                        "\(file): no face was found; use a photo in which a face is at least about 20 pixels wide and not turned away"
                    )
                }
                let hits = try store.search(
                    subject.embedding, top: top, filter: filter, actor: GalleryOptions.actor)
                try tell(file, hits, filter, invocation)
                if let picture {
                    try ImageOutput.write(
                        SearchPicture().image(query: subject.picture, hits: hits, of: store),
                        to: picture.string)
                }
                report.queries.append(
                    Report.Query(
                        file: file, box: subject.box,
                        attributes: subject.attributes.isEmpty ? nil : subject.attributes, hits: hits))
            }
        }
        try invocation.reporter.result(report)
    }

    private func tell(
        _ file: String, _ hits: [GalleryHit], _ filter: GalleryFilter, _ invocation: Invocation
    ) throws {
        try invocation.reporter.line(file)
        for hit in hits {
            try invocation.reporter.line(
                String(format: "%4d  %.3f  ", hit.rank, hit.similarity) + hit.entry.line)
        }
        if hits.isEmpty {
            invocation.reporter.note(
                filter.isEmpty ? "the gallery is empty" : "no entry of the gallery meets the conditions")
        }
    }
}
