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
        if weights != nil, recogniser.models.count > 1 {
            throw UsageError(
                "--weights is for one recogniser, but --recogniser names \(recogniser.models.count)")
        }
        if calibration != nil, cohort != nil {
            throw UsageError(
                "--calibration writes thresholds for two photos alone, and --cohort compares with a whole list: leave one out"
            )
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
        let embeddings = try collector(set, rules, networks, device).collect(
            VerificationOutcome.wanted(set.list, rules)
        ) { done, total in
            try invocation.cancellation.check()
            let seconds = (clock.now - start) / .seconds(1)
            let rate = Double(done) / max(seconds, 1e-3)
            invocation.reporter.progress(
                "verification \(done)/\(total) photos, \(String(format: "%.1f", rate))/s, \(Self.minutes(Double(total - done) / max(rate, 1e-3))) left",
                isFinal: done == total)
        }
        let seconds = (clock.now - start) / .seconds(1)
        var results: [VerificationSummary] = []
        for (index, rows) in embeddings.enumerated() {
            for rule in rules {
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
        try invocation.reporter.result(Comparison(runs: results.map(\.report), gapClosed: gaps))
        for result in results {
            for line in result.lines + [""] { try invocation.reporter.line(line) }
        }
        for line in GapClosed.lines(gaps) { try invocation.reporter.line(line) }
    }

    private struct Comparison: Encodable {
        let runs: [VerificationSummary.Report]
        let gapClosed: [GapClosed]
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

    private func collector(
        _ set: VerificationSet, _ rules: [FusionRule], _ networks: [any FaceRecogniser], _ device: Device
    ) throws -> EmbeddingCollector {
        let cache = try cache.map { try EmbeddingCache(folder: $0.string) }
        let detector: any FaceDetector
        var detectorSignature = "aligned crops"
        if aligned || set.areAligned {
            detector = AlignedFaceDetector()
        } else {
            let yunet = try YuNetDetector(weights: ResourceLocator.standard.weights("yunet"), device: device)
            detector = yunet
            if cache != nil { detectorSignature = "yunet \(try yunet.network.digest())" }
        }
        var treatments: [any PhotoTreatment] = []
        let views = rules.reduce(into: Set<PhotoView>()) {
            $0.formUnion($1.referenceViews.union($1.probeViews))
        }
        if views != [.clean] {
            var refiner: LandmarkRefiner?
            var unmasker: Unmasker?
            var (signature, landmarkSignature) = ("", "")
            if !views.isSubset(of: [.clean, .masked, .enrolledMasked]) {
                let named = try LandmarkRefiner.named(landmarks, device: device)
                refiner = named
                if cache != nil { landmarkSignature = "landmarks \(try named.network.digest())" }
            }
            if !views.isDisjoint(with: [.recovered, .enrolledRecovered]) {
                let network = try UnmaskingModel.named(model, device: device)
                let settings = matte.settings
                unmasker = Unmasker(
                    model: network, detector: detector, settings: settings, refiner: refiner, device: device)
                if cache != nil {
                    signature = "model \(try network.digest()), \(try settings.signature)"
                }
            }
            let maker = try (masks ?? .generated(seed: 1)).maker(for: set.list.pairs.map(\.second))
            treatments = [
                MaskTreatment(
                    maker, detector: detector, refiner: refiner, unmasker: unmasker,
                    modelSignature: signature, landmarkSignature: landmarkSignature, alignment: alignment,
                    isOracle: oracle),
                MaskTreatment(
                    GeneratedMasks(plain: .surgical), detector: detector, refiner: refiner,
                    unmasker: unmasker, modelSignature: signature, landmarkSignature: landmarkSignature,
                    alignment: alignment, isOracle: oracle, isEnrolled: true),
            ]
        }
        return EmbeddingCollector(
            detector: detector,
            recognisers: try networks.map { network in
                let module = network as? Module
                return .init(network, signature: cache == nil ? "" : try module?.digest() ?? "")
            }, source: set.photos, treatments: treatments, cache: cache,
            detectorSignature: detectorSignature, isMirrored: mirror)
    }

    private static func minutes(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    }
}
