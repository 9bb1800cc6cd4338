import CommandLineKit
import Faces
import Foundation
import Imaging
import Metrics
import Resources
import Torch

/// `semblance evaluate verification`: how well a recogniser tells people apart, with and without masks.
struct EvaluateVerificationCommand: Command {
    static let name = "verification"
    static let abstract = "Measure face verification on pairs of photos."
    static let discussion =
        "Reads a list of pairs in the format of Labeled Faces in the Wild. With --probe masked the second photo of each pair wears a generated mask, with --probe recovered it wears one that is then recovered. Faces are found anew in the photo that is recognised; where none is found the whole photo is used, and counted. Accuracy is the mean over folds, each judged with the threshold of the others; intervals are of 95 % and take pairs as independent."
    static let examples = [
        CommandExample(
            "semblance evaluate verification --images lfw --pairs lfw/pairs.txt",
            "The standard protocol of Labeled Faces in the Wild."),
        CommandExample(
            "semblance evaluate verification --images lfw --pairs lfw/pairs.txt --probe recovered --masks generated:7",
            "The same with masks put on and recovered."),
    ]

    enum ProbeKind: String, CaseIterable, ArgumentValue { case clean, masked, recovered }

    @Option(help: "Folder of photos, NAME/NAME_0001.jpg.", value: "DIR") var images: FilePath
    @Option(help: "List of pairs.", value: "FILE") var pairs: FilePath
    @Option(help: "What the second photo of each pair is.") var probe: ProbeKind = .clean
    @Option(help: "Where masks come from: generated:SEED.", value: "SOURCE") var masks: MaskSource?
    let recognition = RecogniserOptions()
    @Option(help: "Unmasking model for --probe recovered.", value: "FILE") var model: FilePath?
    @Option(help: "Compare only about this many pairs.", in: .atLeast(2)) var limit: Int?
    @Flag(
        help:
            "Also compare every first photo with every second one: many more pairs, for small false acceptance rates."
    ) var allPairs: Bool
    @Option(help: "Write the ROC curve (PNG).", value: "FILE") var roc: FilePath?
    @Option(help: "Write thresholds for 'semblance verify', from all pairs (JSON).", value: "FILE")
    var calibration: FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    func validate() throws(UsageError) {
        if masks != nil, probe == .clean {
            throw UsageError("--masks needs --probe masked or recovered: clean photos wear none")
        }
    }

    func run(_ invocation: Invocation) throws {
        let device = try compute.prepare()
        var list = try VerificationPairs(contentsOf: pairs.string)
        if let limit { list = list.limited(to: limit) }
        let detector = try YuNetDetector(weights: ResourceLocator.standard.weights("yunet"), device: device)
        let embedder = FaceEmbedder(detector: detector, recogniser: try recognition.load(device: device))
        let treatment = try Treatments.make(
            probe, masks: masks ?? MaskSource(), model: model?.string, detector: detector, device: device)
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = try VerificationRun(embedder: embedder, folder: images.string, treatment: treatment)
            .score(list) { done, total in
                try invocation.cancellation.check()
                let seconds = (clock.now - start) / .seconds(1)
                let rate = Double(done) / max(seconds, 1e-3)
                invocation.reporter.progress(
                    "verification \(done)/\(total) photos, \(String(format: "%.1f", rate))/s, \(Self.minutes(Double(total - done) / max(rate, 1e-3))) left",
                    isFinal: done == total)
            }
        let result = try VerificationSummary(
            outcome, recogniser: recognition.recogniser.rawValue, probe: probe.rawValue,
            seconds: (clock.now - start) / .seconds(1), withAllPairs: allPairs || calibration != nil)
        if let roc {
            var series = [
                (name: "\(outcome.pairs.count) pairs of the list", scores: try outcome.split())
            ]
            if let all = result.allScores { series.append((name: "all pairs", scores: all)) }
            try ROCPlot.write(
                series, title: "\(embedder.recogniser.name), \(probe.rawValue) photos", to: roc.string)
        }
        if let calibration, let all = result.allScores {
            try VerificationCalibration(
                recogniser: recognition.recogniser.rawValue, probe: probe.rawValue,
                source:
                    "every first photo against every second one of \(outcome.pairs.count) pairs (\(URL(fileURLWithPath: pairs.string).lastPathComponent)), \(outcome.photos) photos",
                scores: all
            ).write(to: calibration.string)
        }
        try invocation.reporter.result(result.report)
        for line in result.lines { try invocation.reporter.line(line) }
    }

    private static func minutes(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    }
}

extension VerificationRun.Outcome {
    func split() throws(MetricsError) -> VerificationScores {
        try VerificationScores(scores: scores, same: same)
    }
}
