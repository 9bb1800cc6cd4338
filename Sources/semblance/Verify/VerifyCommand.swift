import CommandLineKit
import Faces
import Foundation
import Imaging
import Resources
import Torch
import Unmasking

/// `semblance verify A B`: whether two photos show one person.
struct VerifyCommand: Command {
    static let name = "verify"
    static let abstract = "Tell whether two photos show the same person."
    static let discussion =
        "Compares the main face of each photo. The threshold is the one at which a measured share of pairs of different people (--far) would wrongly be accepted; 'evaluate verification --calibration' measures it. With --unmask a masked face is compared by what --evidence says: as it is and recovered together, or by one of them. A similarity is no proof: the share of errors for relatives, children or poor photos is higher."
    static let examples = [
        CommandExample("semblance verify a.jpg b.jpg", "Compare two photos."),
        CommandExample(
            "semblance verify a.jpg masked.jpg --unmask --panel panel.png",
            "Recover what masks hide, then compare; show it."),
    ]

    @Argument(help: "A photo.") var first: FilePath
    @Argument(help: "The other photo.") var second: FilePath
    let recognition = RecogniserOptions()
    @Flag(help: "Look for masks and recover masked faces before comparing.") var unmask: Bool
    @Option(help: "What a masked face is compared by, with --unmask.") var evidence:
        PhotoComparison.Evidence = .fused
    @Option(help: "Unmasking model for --unmask.", value: "FILE") var model: FilePath?
    @Option(
        help: "Accepted share of wrong matches; the calibration lists which there are.",
        in: .between(0, 1)) var far: Double = 0.001
    @Option(help: "Calibration, instead of the one in Models/.", value: "FILE") var calibration: FilePath?
    @Option(help: "Write a picture of the comparison (.png, .jpg).", value: "FILE") var panel: FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        let similarity: Double
        let threshold: Double
        let far: Double
        let same: Bool
        let recogniser: String
        /// What the threshold was measured for: "clean", "fused", …
        let probe: String
        /// Which photos were recognised as masked.
        let unmasked: [Bool]
    }

    func run(_ invocation: Invocation) throws {
        let device = try compute.prepare()
        let locator = ResourceLocator.standard
        let photos = try [first, second].map { file in
            let path = try locator.input(file.string)
            return (path: path, image: try Image.read(path).rgb())
        }
        // A calibration that was named is read before any work.
        let given = try calibration.map { try VerificationCalibration(contentsOf: $0.string) }
        let recogniser = try recognition.load(device: device)
        if let given { try check(given) }
        if given?.similarity == .joint, !unmask {
            throw UsageError(
                "the calibration is for masked faces and a learned comparison, which clean ones have not: add --unmask or name another"
            )
        }
        let forMasked = try unmask ? given ?? installed(evidence, invocation) : nil
        let detector = try YuNetDetector(weights: locator.weights("yunet"), device: device)
        let embedder = FaceEmbedder(detector: detector, recogniser: recogniser)
        let unmasker =
            unmask
            ? Unmasker(
                model: try UnmaskingModel.named(model, device: device),
                detector: detector, refiner: try .named(nil, device: device), device: device) : nil
        let pair = try PhotoComparison(
            photos.map { (name: $0.path, image: $0.image) }, evidence: unmask ? evidence : nil,
            comparison: forMasked?.learnedComparison(for: evidence),
            networks: LocalFaceNetworks(embedder, unmasker: unmasker))
        let (sides, unmasked) = (pair.sides, pair.unmasked)
        let isMasked = unmasked.contains(true)
        // Thresholds of a learned comparison mean nothing to cosines.
        let ofCosines = given?.similarity == .joint ? nil : given
        let thresholds = try (isMasked ? forMasked : ofCosines) ?? installed(nil, invocation)
        if isMasked, given == nil, thresholds.probe != "clean", model != nil || recognition.weights != nil {
            invocation.reporter.note(
                "the thresholds, and what was learned to compare by, belong to the networks in Models/; measure them anew for others"
            )
        }
        if isMasked, thresholds.probe == "clean" {
            invocation.reporter.note(
                "the threshold was measured on photos without masks; masked faces may err more often")
        }
        let comparison = try FaceComparison(
            sides[0].vector, sides[1].vector, calibration: thresholds, far: far)
        if unmasked == [true, true] {
            invocation.reporter.note(
                "both photos show masks; the threshold was measured with one, and such pairs err more often")
        }
        let verdict = comparison.same ? "the same person" : "different people"
        if let panel {
            try picture(
                sides,
                title:
                    "\(verdict): \(Self.text(comparison.similarity)), threshold \(Self.text(comparison.threshold)) (\(recognition.recogniser.rawValue), FAR \(far))",
                to: panel.string)
        }
        try invocation.reporter.result(
            Report(
                similarity: comparison.similarity, threshold: comparison.threshold, far: comparison.far,
                same: comparison.same, recogniser: recognition.recogniser.rawValue, probe: thresholds.probe,
                unmasked: unmasked))
        let relation = comparison.same ? "at least" : "below"
        try invocation.reporter.line(
            "\(verdict): similarity \(Self.text(comparison.similarity)) is \(relation) \(Self.text(comparison.threshold)), the threshold for a false acceptance rate of \(comparison.far)"
        )
    }

    private func picture(_ sides: [PhotoComparison.Side], title: String, to path: String) throws {
        var images: [Image] = []
        var labels: [String] = []
        for (side, name) in zip(sides, ["first", "second"]) {
            images.append(side.photo)
            labels.append(name)
            if let recovered = side.recovered {
                images.append(recovered)
                labels.append("\(name), recovered")
            }
        }
        try ImageOutput.write(
            Panel.row(images, labels: labels, height: 256, title: title), to: path)
    }

    private func installed(_ evidence: PhotoComparison.Evidence?, _ invocation: Invocation) throws
        -> VerificationCalibration
    {
        let loaded = try VerificationCalibration.installed(
            recogniser: recognition.recogniser.rawValue, evidence: evidence)
        try check(loaded)
        return loaded
    }

    private func check(_ calibration: VerificationCalibration) throws(UsageError) {
        guard calibration.recogniser == recognition.recogniser.rawValue else {
            throw UsageError(
                "the calibration belongs to the recogniser '\(calibration.recogniser)', not '\(recognition.recogniser.rawValue)'"
            )
        }
    }

    private static func text(_ value: Double) -> String { String(format: "%.3f", value) }
}

extension PhotoComparison.Evidence: ArgumentValue {}
