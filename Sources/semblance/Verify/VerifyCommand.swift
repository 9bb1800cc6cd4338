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
        "Compares the main face of each photo. The threshold is the one at which a measured share of pairs of different people (--far) would wrongly be accepted; 'evaluate verification --calibration' measures it. A similarity is no proof: the share of errors for relatives, children or poor photos is higher."
    static let examples = [
        CommandExample("semblance verify a.jpg b.jpg", "Compare two photos."),
        CommandExample(
            "semblance verify a.jpg masked.jpg --unmask", "Recover what masks hide, then compare."),
    ]

    @Argument(help: "A photo.") var first: FilePath
    @Argument(help: "The other photo.") var second: FilePath
    let recognition = RecogniserOptions()
    @Flag(help: "Recover masked faces before comparing.") var unmask: Bool
    @Option(help: "Unmasking model for --unmask.", value: "FILE") var model: FilePath?
    @Option(
        help: "Accepted share of wrong matches; the calibration lists which there are.",
        in: .between(0, 1)) var far: Double = 0.001
    @Option(help: "Calibration, instead of the one in Models/.", value: "FILE") var calibration: FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    private struct Report: Encodable {
        let similarity: Double
        let threshold: Double
        let far: Double
        let same: Bool
        let recogniser: String
        let unmasked: [Bool]
    }

    func run(_ invocation: Invocation) throws {
        let device = try compute.prepare()
        let photos = try [first, second].map { file in
            let path = try ResourceLocator.standard.input(file.string)
            return (path: path, image: try Image.read(path).rgb())
        }
        let thresholds = try loadCalibration(invocation)
        let detector = try YuNetDetector(weights: ResourceLocator.standard.weights("yunet"), device: device)
        let embedder = FaceEmbedder(detector: detector, recogniser: try recognition.load(device: device))
        let unmasker =
            unmask
            ? Unmasker(
                model: try UnmaskingModel.read(
                    model?.string ?? ResourceLocator.standard.model("unmasker-128"), device: device),
                detector: detector,
                device: device) : nil
        var embeddings: [[Float]] = []
        var unmasked: [Bool] = []
        for (path, original) in photos {
            var photo = original
            guard var face = try embedder.mainFace(of: photo) else {
                throw FacesError.invalidArgument(
                    "\(path): no face was found; use a photo in which a face is at least about 20 pixels wide and not turned away"
                )
            }
            var isUnmasked = false
            if let unmasker {
                let result = try unmasker.unmask(photo, faces: [face])
                isUnmasked = result.faces.contains { $0.isMasked }
                if isUnmasked {
                    photo = result.image
                    face = try embedder.mainFace(of: photo) ?? face
                }
            }
            unmasked.append(isUnmasked)
            embeddings.append(try embedder.embed(photo, face))
        }
        let comparison = try FaceComparison(
            embeddings[0], embeddings[1], calibration: thresholds, far: far)
        try invocation.reporter.result(
            Report(
                similarity: comparison.similarity, threshold: comparison.threshold, far: comparison.far,
                same: comparison.same, recogniser: recognition.recogniser.rawValue, unmasked: unmasked))
        let verdict = comparison.same ? "the same person" : "different people"
        let relation = comparison.same ? "at least" : "below"
        try invocation.reporter.line(
            "\(verdict): similarity \(Self.text(comparison.similarity)) is \(relation) \(Self.text(comparison.threshold)), the threshold for a false acceptance rate of \(comparison.far)"
        )
    }

    /// The calibration given, or of the recogniser in `Models/`; recovered photos have their own when one was made.
    private func loadCalibration(_ invocation: Invocation) throws -> VerificationCalibration {
        let name = recognition.recogniser.rawValue
        let loaded: VerificationCalibration
        if let calibration {
            loaded = try VerificationCalibration(contentsOf: calibration.string)
        } else {
            let names = (unmask ? ["recovered", "clean"] : ["clean"]).map {
                VerificationCalibration.name(recogniser: name, probe: $0)
            }
            let paths = names.map { "\(ResourceLocator.standard.models)/\($0).json" }
            let found = paths.first { FileManager.default.fileExists(atPath: $0) } ?? paths[paths.count - 1]
            loaded = try VerificationCalibration(contentsOf: found)
            if unmask, loaded.probe != "recovered" {
                invocation.reporter.note(
                    "the threshold was measured on photos without masks; recovered faces may err more often")
            }
        }
        guard loaded.recogniser == name else {
            throw UsageError(
                "the calibration belongs to the recogniser '\(loaded.recogniser)', not '\(name)'")
        }
        return loaded
    }

    private static func text(_ value: Double) -> String { String(format: "%.3f", value) }
}
