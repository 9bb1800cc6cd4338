import CommandLineKit
import Faces
import Foundation
import Imaging
import Resources
import Torch
import Unmasking

/// `semblance invert`: photos to the codes of a generator, and back.
struct InvertCommand: Command {
    static let name = "invert"
    static let abstract = "Find the codes with which a generator draws the faces of photos."
    static let discussion = """
        Finds every face, aligns it as the model's encoder expects (FFHQ's crop for pSp and e4e, our own for unmasking models), encodes it \
        to W+ and draws it. Writes the drawing as PNG and the codes as safetensors, which 'generate --latents' draws again. \
        --refine moves the codes so that visible pixels fit better, while a prior keeps them near the encoder's answer; \
        --iterations encodes the drawing and corrects by the difference. Both are reported in milliseconds.

        Our unmasking models draw the face without its mask, and say with additive features where things are: the file keeps them as \
        'features.R' beside 'latents'. A program that reads 'latents' alone loses the pose; --json reports how much ('l1CodesAlone').
        """
    static let examples = [
        CommandExample(
            "semblance invert photo.jpg --model e4e.safetensors -o out", "Codes and drawing of every face."),
        CommandExample(
            "semblance invert photos/ --model psp.safetensors -o out --refine 50 --compare",
            "With fifty optimisation steps, and panels to look at."),
    ]

    @Argument(help: "Photos (JPEG, PNG, WebP), folders of photos, or example:astronaut.") var input:
        [FilePath]
    @Option(
        help: "A pSp or e4e file of 'import', or an unmasking model; the default is unmasker-128.",
        value: "FILE") var model: FilePath?
    @Option(short: "o", help: "Folder for the results, made if needed.", value: "DIR", completion: .folder)
    var output: FilePath
    @Flag(help: "The photos are aligned crops already: find no faces, only scale them.") var aligned: Bool
    @Flag(help: "Also write panels: photo, drawing, refined drawing.") var compare: Bool
    @Option(help: "Faces below this confidence are ignored.", in: .between(0, 1)) var threshold: Double = 0.7
    let refining = RefinementOptions()
    let compute = ComputeOptions()
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let locator = ResourceLocator.standard
        let device = try compute.prepare()
        let network = try LatentModel.read(
            try model?.string ?? locator.model("unmasker-128"), device: device)
        let inverter = try FaceInverter(
            network, refinement: refining.refinement,
            lpips: try refining.perceptual(locator, device, invocation.reporter), device: device)

        let files = try locator.images(input)
        var detector: YuNetDetector?
        if !aligned {
            var settings = YuNetDetector.Settings()
            settings.scoreThreshold = threshold
            detector = try YuNetDetector(
                weights: locator.weights("yunet"), settings: settings, device: device)
        }
        try OutputFolder.make(output.string)
        let namer = OutputNames(folder: output.string)
        var reports: [InversionReport] = []
        for (index, file) in files.enumerated() {
            try invocation.cancellation.check()
            let entry = process(file, inverter, detector, namer)
            if let error = entry.error {
                invocation.reporter.error(error)
            } else {
                for face in entry.faces { try invocation.reporter.line(face.summary) }
            }
            reports.append(entry)
            invocation.reporter.progress(
                "invert \(index + 1)/\(files.count)", isFinal: index + 1 == files.count)
        }
        try invocation.reporter.result(reports)
        let failures = reports.filter { $0.error != nil }.count
        if failures > 0 {
            invocation.reporter.note("\(failures) of \(files.count) photos failed")
            throw Exit(ExitStatus.failure)
        }
    }

    /// One photo; what goes wrong with it is told in the report, so that the other photos are still done.
    private func process(
        _ file: String, _ inverter: FaceInverter, _ detector: YuNetDetector?, _ namer: OutputNames
    ) -> InversionReport {
        var entry = InversionReport(file: file)
        do {
            let photo = try Image.read(file).rgb()
            let crops = try inverter.crops(of: photo, detector: detector)
            guard !crops.isEmpty else {
                throw FacesError.invalidArgument(
                    "\(file): no face found (confidence at least \(threshold)); lower --threshold, or give --aligned for crops"
                )
            }
            for (number, crop) in crops.enumerated() {
                let suffix = crops.count == 1 ? "" : "-face\(number + 1)"
                let result = try inverter.invert(crop.image)
                var face = result.report
                face.box = crop.box
                face.output = namer.path(for: file, suffix: suffix, fileExtension: "png")
                face.latents = namer.path(for: file, suffix: suffix, fileExtension: "safetensors")
                try result.drawing.writePNG(face.output)
                try LatentFile.write(
                    result.encoded, to: face.latents,
                    metadata: ["kind": inverter.model.kind.rawValue, "size": "\(inverter.model.size)"])
                if compare {
                    try Panel.row(
                        result.panel.map(\.image), labels: result.panel.map(\.label),
                        height: crop.image.height
                    ).writePNG(
                        namer.path(for: file, suffix: "\(suffix)-compare", fileExtension: "png"))
                }
                entry.faces.append(face)
            }
        } catch {
            entry.error = "\(error)".contains(file) ? "\(error)" : "\(file): \(error)"
        }
        return entry
    }
}

/// What `invert` reports of one photo.
struct InversionReport: Encodable {
    struct Face: Encodable {
        struct Times: Encodable {
            var encode = 0.0
            var draw = 0.0
            var refine: Double?
        }
        struct Refinement: Encodable {
            var before: RefinedFace.Measure
            var after: RefinedFace.Measure
        }
        var output = ""
        var latents = ""
        /// x, y, width, height in the photo; nil for crops.
        var box: [Double]?
        var milliseconds = Times()
        /// Mean absolute colour difference of the drawing and the visible pixels of the crop, 0…1.
        var l1 = 0.0
        /// The same without the additive features; nil for models that have none.
        var l1CodesAlone: Double?
        var refinement: Refinement?

        var summary: String {
            var text =
                "\(output): encode \(Int(milliseconds.encode)) ms, draw \(Int(milliseconds.draw)) ms"
            if let refine = milliseconds.refine { text += ", refine \(Int(refine)) ms" }
            text += String(format: "; L1 %.4f", l1)
            if let refinement {
                text += String(
                    format: " (pixel term %.4f before refining, %.4f after)", refinement.before.pixel,
                    refinement.after.pixel)
            }
            return text
        }
    }
    var file: String
    var error: String?
    var faces: [Face] = []
}
