import CommandLineKit
import Faces
import Foundation
import Imaging
import Metrics
import NN
import Resources
import Torch
import Unmasking

/// `semblance evaluate verification`: how well recognisers tell people apart, with and without masks.
struct EvaluateVerificationCommand: Command {
    static let name = "verification"
    static let abstract = "Measure face verification on pairs of photos."
    static let discussion = """
        Reads lists of pairs as LFW, MFR2, CALFW and CPLFW, AgeDB-30 and CFP have them, and InsightFace's .bin files. The second photo of \
        each pair is the probe: as it is (clean), wearing a mask (masked), wearing one and cut out by landmarks that a network of ours \
        corrects (realigned), wearing one whose face was recovered (recovered), or the last two together (fused); all runs the five and tells how much of the gap between masked and clean is closed. Faces are found anew in \
        the photo that is recognised; where none is found the whole photo is used, and counted. Accuracy is the mean over folds, each \
        judged with the threshold of the others. Intervals are of 95 %: those of the list's pairs draw pairs anew, those of all pairs \
        draw persons.
        """
    static let examples = [
        CommandExample(
            "semblance evaluate verification --images lfw --pairs lfw/pairs.txt",
            "The standard protocol of Labeled Faces in the Wild."),
        CommandExample(
            "semblance evaluate verification --images lfw --pairs lfw/pairs.txt --probe all --masks generated:7 --all-pairs --recogniser sface,dlib --cache cache",
            "Clean, masked, recovered and fused, with two recognisers; embeddings are kept for the next run."),
        CommandExample(
            "semblance evaluate verification --pairs agedb_30.bin", "A packed file, which holds its photos."),
    ]

    enum ProbeKind: String, CaseIterable, ArgumentValue {
        case clean, masked, realigned, recovered, fused, all
    }

    @Option(help: "Folder of photos; packed files and CFP's protocols need none.", value: "DIR") var images:
        FilePath?
    @Option(help: "List of pairs, .bin file, or CFP's Protocol/Split/FP.", value: "FILE") var pairs: FilePath
    @Flag(help: "The photos are crops aligned by ArcFace's template: no face is searched.") var aligned: Bool
    @Option(help: "What the second photo of each pair is.") var probe: ProbeKind = .clean
    @Option(
        help:
            "Where masks come from: generated:SEED, a folder (masked photos by the same names, or pictures of masks), or worn (the photos have masks on).",
        value: "SOURCE") var masks: MaskSource?
    @Option(help: "Face recogniser, or several.") var recogniser = RecogniserList([.sface])
    @Option(
        help: "The recogniser's converted weights, instead of those that the set-up installed.",
        value: "FILE") var weights: FilePath?
    @Option(help: "Unmasking model for recovered probes.", value: "FILE") var model: FilePath?
    @Option(help: "Landmark network for masked faces.", value: "FILE") var landmarks: FilePath?
    @Option(
        help:
            "How masked and recovered evidence become one: enrolled, sum, scores, maximum, both or four, and the recovered face's share."
    ) var fusion = FusionChoice(.enrolled)
    @Option(
        help:
            "Count scores in deviations above the N best with other persons of the list (adaptive s-norm); of --probe all, the fused ones.",
        value: "N", in: .atLeast(2)) var cohort: Int?
    @Option(
        help:
            "How masked probes are compared: cosine, joint (learned, see 'train comparison') or a folder that was written by it. Unless given, jointly where Models/ has a comparison for the recogniser and no other network or way of embedding is asked for; masked probes, as a plain pipeline sees them, by cosines."
    ) var comparison: ComparisonChoice?
    @Option(help: "Where a recovered face is looked for.") var alignment: RecoveredAlignment = .refined
    @Flag(
        help:
            "Draw what generated masks hide from the clean photo: how far the generator limits recovery, if every guess were right."
    ) var oracle: Bool
    @Flag(help: "Embed every face together with its mirror image.") var mirror: Bool
    @Option(help: "Compare only about this many pairs.", in: .atLeast(2)) var limit: Int?
    @Flag(
        help:
            "Also compare every first photo with every second one: many more pairs, for small false acceptance rates."
    ) var allPairs: Bool
    @Option(help: "Keep embeddings in this folder, and take those that are there.", value: "DIR") var cache:
        FilePath?
    @Option(help: "Write the ROC curve (PNG).", value: "FILE") var roc: FilePath?
    @Option(
        help: "Write thresholds for 'semblance verify', from all pairs (JSON); one probe and one recogniser.",
        value: "FILE")
    var calibration: FilePath?
    let matte = MatteOptions()
    let compute = ComputeOptions()
    let report = ReportOptions()

    func validate() throws(UsageError) {
        if masks != nil, probe == .clean {
            throw UsageError("--masks needs another --probe than clean: clean photos wear none")
        }
        if oracle, probe == .clean || probe == .masked || probe == .realigned {
            throw UsageError("--oracle changes recovered faces: it needs --probe recovered, fused or all")
        }
        if oracle, let masks, !masks.isGenerated {
            throw UsageError("--oracle needs masks that are drawn on clean photos: --masks generated:SEED")
        }
        try recogniser.check(weights: weights)
        if calibration != nil, cohort != nil {
            throw UsageError(
                "--calibration writes thresholds for two photos alone, and --cohort compares with a whole list: leave one out"
            )
        }
        if let comparison, comparison != .cosine {
            if probe == .clean {
                throw UsageError("--comparison is for masked probes; clean ones are compared by cosines")
            }
            if masks == .worn {
                throw UsageError(
                    "--comparison tells clean references from masked probes; with --masks worn both may be masked: leave one out"
                )
            }
        }
        if calibration != nil, probe == .all || recogniser.models.count > 1 {
            throw UsageError("--calibration writes the thresholds of one probe and one recogniser")
        }
    }

    func run(_ invocation: Invocation) throws {
        let device = try compute.prepare()
        var set = try VerificationSet.read(pairs: pairs.string, images: images?.string)
        if let limit { set.list = set.list.limited(to: limit) }
        let rules = self.rules
        let clock = ContinuousClock()
        let start = clock.now
        let networks = try recogniser.models.map { try $0.load(weights: weights?.string, device: device) }
        // Comparisons that are missing are missed before any work.
        let rulesOf = try recogniser.models.map { try compared(rules, $0.rawValue) }
        let setup = EmbeddingSetup(
            device: device, areAligned: aligned || set.areAligned,
            masks: try (masks ?? .generated(seed: 1)).maker(for: set.list.pairs.map(\.second)), model: model,
            landmarks: landmarks, settings: matte.settings, alignment: alignment, isOracle: oracle,
            isMirrored: mirror, cache: cache)
        let embeddings = try invocation.collect(
            setup.collector(set.photos, views: Set(of: rules), networks),
            VerificationOutcome.wanted(set.list, rules), what: "verification")
        let seconds = (clock.now - start) / .seconds(1)
        var results: [VerificationSummary] = []
        for (index, rows) in embeddings.enumerated() {
            for rule in rulesOf[index] {
                results.append(
                    try VerificationSummary(
                        VerificationOutcome(
                            set.list, rule: rule, embeddings: rows,
                            cohort: probe != .all || rule.name == "fused"
                                ? cohort.map(CohortNormalisation.init(top:)) : nil),
                        recogniser: recogniser.models[index].rawValue, seconds: seconds,
                        withAllPairs: allPairs || calibration != nil))
            }
        }
        if let roc {
            try ROCPlot.write(
                results.flatMap(\.curves),
                title: results.count == 1 ? "\(networks[0].name), \(rules[0].name) photos" : "Verification",
                to: roc.string)
        }
        if let calibration, let result = results.first, let all = result.allPairs {
            try VerificationCalibration(
                recogniser: result.report.recogniser, probe: result.report.probe,
                similarity: result.report.comparison,
                source:
                    "every first photo against every second one of \(set.list.pairs.count) pairs (\(URL(fileURLWithPath: pairs.string).lastPathComponent)), \(result.report.photos) photos",
                scores: all.scores
            ).write(to: calibration.string)
        }
        if results.count == 1 {
            try invocation.reporter.result(results[0].report)
            for line in results[0].lines { try invocation.reporter.line(line) }
            return
        }
        let gaps =
            probe == .all ? recogniser.models.flatMap { GapClosed.measure(results, of: $0.rawValue) } : []
        let nearer = try nearerToTruth(set.list, embeddings)
        try invocation.reporter.result(
            Comparison(runs: results.map(\.report), gapClosed: gaps, nearerToTruth: nearer))
        for result in results {
            for line in result.lines + [""] { try invocation.reporter.line(line) }
        }
        for line in GapClosed.lines(gaps) + nearer.map(\.line) { try invocation.reporter.line(line) }
    }

    private struct Comparison: Encodable {
        let runs: [VerificationSummary.Report]
        let gapClosed: [GapClosed]
        let nearerToTruth: [NearerToTruth]
    }

    /// Of each recogniser, where second photos were embedded with and without masks.
    private func nearerToTruth(_ list: VerificationPairs, _ embeddings: [PhotoEmbeddings]) throws
        -> [NearerToTruth]
    {
        guard probe == .all, masks != .worn else { return [] }
        return try embeddings.enumerated().compactMap { index, rows in
            try NearerToTruth(recogniser: recogniser.models[index].rawValue, list.secondPhotos, rows)
        }
    }

    /// What is compared with what.
    private var rules: [FusionRule] {
        let rules: [FusionRule] =
            switch probe {
            case .clean: [.single(.clean)]
            case .masked: [.single(.masked)]
            case .realigned: [.single(.realigned)]
            case .recovered: [.single(.recovered)]
            case .fused: [fusion.rule]
            case .all:
                [
                    .single(.clean), .single(.masked), .single(.realigned), .single(.recovered), fusion.rule,
                ]
            }
        guard masks == .worn else { return rules }
        return rules.filter { probe != .all || $0.name != "clean" }.map(\.forWornMasks)
    }

    /// The rules as a recogniser's probes are compared. Beside the others masked probes stay what a plain pipeline makes of them.
    private func compared(_ rules: [FusionRule], _ name: String) throws -> [FusionRule] {
        guard let comparison else {
            // What is installed was learned with the installed networks, used as they are by default.
            let isDefault =
                weights == nil && model == nil && landmarks == nil && alignment == .refined && !oracle
                && !mirror
                && masks != .worn
            return isDefault ? try ComparisonChoice.unchosen(rules, recogniser: name) : rules
        }
        guard let model = try comparison.model(for: name) else { return rules }
        return try rules.map {
            $0.probeViews == [.clean] || (probe == .all && $0.name == "masked")
                ? $0 : try model.applied(to: $0)
        }
    }
}
