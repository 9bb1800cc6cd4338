import CommandLineKit
import Faces
import Foundation
import Imaging
import Resources
import Torch
import Unmasking

/// `semblance unmask`.
struct UnmaskCommand: Command {
    static let name = "unmask"
    static let abstract = "Recover the faces under masks."
    static let discussion = """
        Finds every face of every photo, decides whether it wears a mask, recovers what the mask hides and blends it back at the \
        photo's full resolution. Pixels outside the mask and its soft edge stay exactly as they are; faces without a mask are left \
        alone. What is recovered is a likely face, not evidence of how the person looks.
        """
    static let examples = [
        CommandExample("semblance unmask photo.jpg -o out", "Recover one photo."),
        CommandExample(
            "semblance unmask photos/ -o out --compare --json",
            "A folder, with before/after panels and a report."),
    ]

    @Argument(help: "Photos (JPEG, PNG, WebP), folders of photos, or example:astronaut.") var input:
        [FilePath]
    @Option(short: "o", help: "Folder for the results, made if needed.", value: "DIR", completion: .folder)
    var output: FilePath
    @Flag(help: "Also write a before/after panel of every photo.") var compare: Bool
    @Flag(help: "Also write the aligned crops of every face: photo, mask, recovered.") var faces: Bool
    @Option(
        help: "Also write one picture of every face, before and after, to look at many results at once.",
        value: "FILE")
    var sheet: FilePath?
    @Option(help: "Unmasking model.", value: "FILE") var model: FilePath?
    @Option(help: "Landmark network for masked faces.", value: "FILE") var landmarks: FilePath?
    @Option(help: "Faces below this confidence are ignored.", in: .between(0, 1)) var threshold: Double = 0.7
    @Option(
        help: "Share of the aligned face that a mask must cover to count as one.", in: .between(0, 1))
    var minimumMask: Double =
        Unmasker.Settings().minimumMaskShare
    @Option(
        help:
            "Seed of the fine random detail of models trained with noise; without it none is drawn. The same seed gives the same picture."
    ) var seed: UInt64?
    let matte = MatteOptions()
    let refining = RefinementOptions()
    let compute = ComputeOptions()
    let report = ReportOptions()

    struct FileReport: Encodable {
        struct Face: Encodable {
            var box: [Double]
            var score: Double
            var masked: Bool
            var maskShare: Double
            var milliseconds: Double
            var refineMilliseconds: Double?
        }
        struct Times: Encodable {
            var load = 0.0
            var detect = 0.0
            var recover = 0.0
            var write = 0.0
        }
        var file: String
        var output: String?
        var error: String?
        var faces: [Face] = []
        var milliseconds = Times()
    }

    func run(_ invocation: Invocation) throws {
        let locator = ResourceLocator.standard
        let files = try locator.images(input)
        let device = try compute.prepare()
        var detection = YuNetDetector.Settings()
        detection.scoreThreshold = threshold
        var settings = matte.settings
        settings.minimumMaskShare = minimumMask
        settings.noiseSeed = seed
        settings.refinement = refining.refinement
        let network = try UnmaskingModel.named(model, device: device)
        if seed != nil, try !network.generator.usesNoise {
            invocation.reporter.note("--seed changes nothing: this model was trained without noise")
        }
        let unmasker = Unmasker(
            model: network,
            detector: try YuNetDetector(
                weights: locator.weights("yunet"), settings: detection, device: device),
            settings: settings, lpips: try refining.perceptual(locator, device, invocation.reporter),
            refiner: try .named(landmarks, device: device), device: device)
        try OutputFolder.make(output.string)

        let namer = OutputNames(folder: output.string)
        var reports: [FileReport] = []
        var failures = 0
        var faceSheet = sheet.map { _ in FaceSheet() }
        for (index, file) in files.enumerated() {
            try invocation.cancellation.check()
            let entry = process(file, unmasker, namer, &faceSheet)
            if let error = entry.error {
                failures += 1
                invocation.reporter.error(error)
            } else {
                try invocation.reporter.line(summary(entry))
            }
            reports.append(entry)
            invocation.reporter.progress(
                "unmask \(index + 1)/\(files.count)", isFinal: index + 1 == files.count)
        }
        if let sheet { try faceSheet?.write(to: sheet.string) }
        try invocation.reporter.result(reports)
        if failures > 0 {
            invocation.reporter.note("\(failures) of \(files.count) photos failed")
            throw Exit(ExitStatus.failure)
        }
    }

    /// One photo; what goes wrong with it is told in the report, so that the other photos are still done.
    private func process(
        _ file: String, _ unmasker: Unmasker, _ namer: OutputNames, _ sheet: inout FaceSheet?
    )
        -> FileReport
    {
        var entry = FileReport(file: file)
        var watch = StopWatch()
        do {
            let photo = try Image.read(file).rgb()
            entry.milliseconds.load = watch.lap()
            let found = try unmasker.detector.detect(photo)
            entry.milliseconds.detect = watch.lap()
            let result = try unmasker.unmask(photo, faces: found)
            entry.milliseconds.recover = watch.lap()
            entry.faces = result.faces.map { face in
                FileReport.Face(
                    box: face.detection.box.numbers,
                    score: face.detection.score, masked: face.isMasked, maskShare: face.maskShare,
                    milliseconds: face.milliseconds, refineMilliseconds: face.refineMilliseconds)
            }
            guard !result.faces.isEmpty else {
                throw FacesError.invalidArgument(
                    "\(file): no face found (confidence at least \(threshold)); lower --threshold or use a photo that shows a face"
                )
            }
            let path = namer.path(for: file, suffix: "", fileExtension: "png")
            try result.image.writePNG(path)
            entry.output = path
            if compare {
                try ComparisonPanel.make(before: photo, after: result.image)
                    .writePNG(namer.path(for: file, suffix: "-compare", fileExtension: "png"))
            }
            if faces {
                for (number, face) in result.faces.enumerated() {
                    try ComparisonPanel.face(face).writePNG(
                        namer.path(for: file, suffix: "-face\(number + 1)", fileExtension: "png"))
                }
            }
            for face in result.faces {
                try sheet?.add(face, of: photo, in: result.image, from: file)
            }
            entry.milliseconds.write = watch.lap()
        } catch {
            entry.error = "\(error)".contains(file) ? "\(error)" : "\(file): \(error)"
        }
        return entry
    }

    private func summary(_ entry: FileReport) -> String {
        let masked = entry.faces.filter(\.masked)
        let shares = masked.map { "\(Int(($0.maskShare * 100).rounded())) % hidden" }.joined(separator: ", ")
        let rest = entry.faces.count - masked.count
        let times = entry.milliseconds
        return "\(entry.file) -> \(entry.output ?? "-"): \(masked.count) of \(entry.faces.count) faces masked"
            + (masked.isEmpty ? "" : " (\(shares))") + (rest > 0 ? ", \(rest) without a mask left alone" : "")
            + "; load \(Int(times.load)) ms, detect \(Int(times.detect)), recover \(Int(times.recover)), write \(Int(times.write))"
    }
}

/// Names of result files, unique within one run even when photos in different folders share a name.
final class OutputNames {
    private let folder: String
    private var stems: [String: String] = [:]
    private var used: Set<String> = []

    init(folder: String) { self.folder = folder }

    func path(for file: String, suffix: String, fileExtension: String) -> String {
        "\(folder)/\(stem(of: file))\(suffix).\(fileExtension)"
    }

    private func stem(of file: String) -> String {
        if let known = stems[file] { return known }
        let base = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        var stem = base
        var number = 2
        while !used.insert(stem).inserted {
            stem = "\(base)-\(number)"
            number += 1
        }
        stems[file] = stem
        return stem
    }
}

/// Milliseconds from lap to lap.
struct StopWatch {
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant

    init() { last = clock.now }

    mutating func lap() -> Double {
        let now = clock.now
        defer { last = now }
        return (now - last) / .milliseconds(1)
    }
}
