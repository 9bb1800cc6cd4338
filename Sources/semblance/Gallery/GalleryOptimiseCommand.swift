import CommandLineKit
import Gallery

/// `semblance reid optimise`, `semblance faces optimise`.
struct GalleryOptimiseCommand<Kind: GalleryKind>: Command {
    static var name: String { "optimise" }
    static var abstract: String { "Choose and tune a gallery's index by recall measured on its own vectors." }
    static var discussion: String {
        "Recall is the share of the true ten nearest that a search finds. A small gallery is searched fastest by comparing everything (exact); hnsw is a graph over all vectors; ivfpq is smallest. Conditions and deletions are exact with each."
    }
    static var examples: [CommandExample] {
        [CommandExample(Kind.line("optimise --gallery FILE --kind hnsw --recall 0.99"), "A graph.")]
    }

    let location = GalleryOptions()
    @Option(help: "The index; automatic goes by the gallery's size.") var kind: IndexGoal.Kind = .automatic
    @Option(help: "Share of the true ten nearest that a search must find.", in: .between(0.01, 1))
    var recall: Double = 0.99
    @Option(help: "Threads that build the index; the default is one per core.", in: .atLeast(1))
    var threads: Int?
    let report = ReportOptions()

    private struct Report: Encodable {
        let gallery: String
        let index: IndexSummary
    }

    func run(_ invocation: Invocation) throws {
        let store = try location.open(Kind.kind)
        let summary: IndexSummary
        do {
            summary = try store.optimise(
                IndexGoal(kind: kind, recall: recall, threads: threads), actor: GalleryOptions.actor
            ) { progress throws(GalleryError) in
                if invocation.cancellation.isCancelled { throw .cancelled }
                invocation.reporter.progress("\(progress.step) \(progress.done)/\(progress.total)")
            }
        } catch GalleryError.cancelled { throw CancelledError() }
        try invocation.reporter.result(Report(gallery: store.location, index: summary))
        try invocation.reporter.line("\(store.location): \(summary.line)")
    }
}

extension IndexGoal.Kind: ArgumentValue {}
