import CommandLineKit
import Foundation
import Imaging
import Metrics
import ReID
import Torch

/// `semblance evaluate reid`: how well people are found again across cameras.
struct EvaluateReIDCommand: Command {
    static let name = "reid"
    static let abstract = "Measure person re-identification: mAP, CMC, mINP, attributes."
    static let discussion = """
        Ranks a gallery for every query. Gallery images of the query's person by the query's camera and junk (id -1) do not count; \
        distractors (id 0) do. With --data a data set's images are embedded by our model; with --features anyone's embeddings are \
        scored: safetensors files with features [N, D], ids [N] and cameras [N]. With --flip, --rerank or --expand-queries \
        one run prints the figures with and without each; those of 'mAP' and its neighbours in the JSON are with all of them. Attributes are judged on the images of the test people (id above 0).
        """
    static let examples = [
        CommandExample(
            "semblance evaluate reid --data Market-1501-v15.09.15 --flip",
            "The default model on Market-1501, single query, with and without mirrored images."),
        CommandExample(
            "semblance evaluate reid --features query.safetensors gallery.safetensors --rerank --json",
            "Someone's embeddings, re-ranked."),
    ]
    static let mutuallyExclusive = [["data", "features"]]

    enum ProtocolName: String, CaseIterable, ArgumentValue { case market1501, cuhk03 }
    enum DistanceName: String, CaseIterable, ArgumentValue { case cosine, euclidean }

    @Option(help: "Data set whose queries and gallery are embedded.", value: "DIR", completion: .folder)
    var data: FilePath?
    @Option(help: "Layout of the data set.") var layout: PersonDatasetLayout = .market1501
    @Option(help: "Attributes of the people (.mat or .csv), to be judged too.", value: "FILE") var attributes:
        FilePath?
    @Option(help: "Embeddings of the queries, followed by those of the gallery.", value: "FILE")
    var features: FilePath?
    @Argument(help: "With --features: embeddings of the gallery.") var gallery: FilePath?

    @Option(name: "protocol", help: "Which gallery images count, and how the CMC is drawn.")
    var protocolName: ProtocolName = .market1501
    @Flag(help: "Integrate precision by trapezoids, as Market-1501's first evaluation code did.")
    var trapezoid: Bool
    @Option(help: "What ranks.") var distance: DistanceName = .cosine
    @Flag(help: "Re-rank by k-reciprocal encoding (k1 20, k2 6, lambda 0.3).") var rerank: Bool
    @Flag(help: "Replace each query by the mean of itself and its 5 nearest gallery images.")
    var expandQueries: Bool
    @Flag(help: "Break down by the query's camera.") var perCamera: Bool
    @Flag(help: "Judge every query-gallery pair by itself too: AUC, EER, TAR at fixed FAR.") var verification:
        Bool

    @Option(help: "Write the CMC curve (PNG).", value: "FILE") var cmcPlot: FilePath?
    @Option(help: "Write the ROC curve over query-gallery pairs (PNG).", value: "FILE") var roc: FilePath?
    @Option(
        help: "Write pictures of queries with their first ten results.", value: "DIR", completion: .folder)
    var rankedLists: FilePath?
    @Option(
        help: "With --data: write pictures of where the network looks.", value: "DIR", completion: .folder)
    var activationMaps: FilePath?
    @Option(help: "How many queries are drawn in pictures, spread evenly over all.", in: .atLeast(1))
    var count: Int = 20
    @Option(
        help: "With --data: write the embeddings as query.safetensors and gallery.safetensors.", value: "DIR",
        completion: .folder)
    var saveFeatures: FilePath?
    let embedding = PersonModelOptions()
    let compute = ComputeOptions()
    let report = ReportOptions()

    func validate() throws(UsageError) {
        guard data != nil || features != nil else {
            throw UsageError("give a data set (--data DIR) or embeddings (--features QUERY GALLERY)")
        }
        if features != nil, gallery == nil {
            throw UsageError("--features takes two files: those of the queries and of the gallery")
        }
        if features == nil, let gallery {
            throw UsageError(
                "unexpected argument '\(gallery)': a gallery's file goes with --features QUERY GALLERY")
        }
        if features != nil {
            for (name, given) in [
                ("attributes", attributes != nil), ("activation-maps", activationMaps != nil),
                ("save-features", saveFeatures != nil), ("flip", embedding.flip),
                ("model", embedding.model != nil),
            ] where given {
                throw UsageError("--\(name) needs --data: with --features nothing is embedded")
            }
        }
        if distance == .euclidean, rerank || expandQueries {
            throw UsageError(
                "--rerank and --expand-queries work on features of unit length: leave --distance out")
        }
    }

    func run(_ invocation: Invocation) throws {
        let device = try compute.prepare()
        let clock = ContinuousClock()
        let start = clock.now
        let source =
            try data.map { try embed($0.string, device: device, invocation) }
            ?? Source(query: read(features), gallery: read(gallery))
        let seconds = (clock.now - start) / .seconds(1)
        let evaluation = try ReIDEvaluation(query: source.query, gallery: source.gallery)
        let outcome = try evaluation.evaluate(settings)
        var result = outcome.report
        result.seconds.features = data == nil ? nil : seconds
        result.attributes = source.attributes
        result.variants = try variants(outcome, source)
        try draw(outcome, of: evaluation, invocation)
        if let activationMaps, let embedder = source.embedder {
            try drawActivation(embedder, evaluation, into: activationMaps.string, invocation)
        }
        try invocation.reporter.result(result)
        for line in ReIDSummary.lines(result) { try invocation.reporter.line(line) }
    }

    /// With and without what was asked for; nil if nothing was. Mirrored images cost no second embedding: their share is
    /// added to what the images gave by themselves.
    private func variants(_ outcome: ReIDEvaluation.Outcome, _ source: Source) throws -> [ReIDReport.Variant]?
    {
        var variants = outcome.variants
        if let unflipped = source.unflipped {
            var settings = settings
            (settings.perCamera, settings.verification) = (false, false)
            let plain = try ReIDEvaluation(query: unflipped.query, gallery: unflipped.gallery)
                .evaluate(settings).variants
            for index in variants.indices { variants[index].flip = true }
            variants = zip(plain, variants).flatMap { [$0, $1] }
        }
        return variants.count > 1 ? variants : nil
    }

    private var settings: ReIDEvaluation.Settings {
        var settings = ReIDEvaluation.Settings()
        settings.distance = distance == .cosine ? .cosine : .squaredEuclidean
        settings.protocol = protocolName == .market1501 ? .market1501 : .cuhk03()
        settings.averagePrecision = trapezoid ? .trapezoid : .standard
        settings.reRanking = rerank ? KReciprocalReRanking() : nil
        settings.queryExpansion = expandQueries ? QueryExpansion() : nil
        settings.perCamera = perCamera
        settings.verification = verification || roc != nil
        return settings
    }

    private func read(_ path: FilePath?) throws -> FeatureFile {
        guard let path else { throw UsageError("--features takes two files") }
        return try FeatureFile.read(path.string)
    }
}
