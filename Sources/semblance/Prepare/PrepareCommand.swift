import CommandLineKit
import Faces
import Imaging
import Resources
import Torch

/// `semblance prepare`: photos of faces -> one file of aligned crops for training.
struct PrepareCommand: Command {
    static let name = "prepare"
    static let abstract = "Find, align and pack faces for training."
    static let discussion =
        "Takes the largest face of every photo, aligns it by five points to a 128-pixel crop and writes all crops with their landmarks into one safetensors file. Where the face mesh is installed, its 468 points are stored too: training masks are fitted to them."
    static let examples = [
        CommandExample("semblance prepare photos/ -o faces.safetensors", "Pack a folder of photos.")
    ]

    @Argument(help: "Photos, or folders of photos.") var input: [FilePath]
    @Option(short: "o", help: "File for the aligned faces.", value: "FILE") var output: FilePath
    @Option(help: "Faces below this confidence are ignored.", in: .between(0, 1)) var threshold: Double = 0.6
    let report = ReportOptions()

    private struct Report: Encodable {
        var files = 0
        var faces = 0
        /// Faces whose mesh was found.
        var meshes = 0
        var withoutFace: [String] = []
        var unreadable: [String] = []
    }

    func run(_ invocation: Invocation) throws {
        let files = try ImageFiles.list(input.map(\.string))
        guard !files.isEmpty else {
            throw UsageError("no images (JPEG, PNG, WebP) in \(input.map(\.string).joined(separator: ", "))")
        }
        var settings = YuNetDetector.Settings()
        settings.scoreThreshold = threshold
        let detector = try YuNetDetector(
            weights: try ResourceLocator.standard.weights("yunet"), settings: settings)
        var landmarker: FaceMeshLandmarker?
        if let weights = try? ResourceLocator.standard.weights("face_mesh") {
            landmarker = try FaceMeshLandmarker(weights: weights)
        } else {
            invocation.reporter.note(
                "the face mesh is not installed (Scripts/setup --all): masks will be fitted to five points")
        }
        var report = Report(files: files.count)
        var done = 0
        let preparation = FacePreparation(detector: detector, landmarker: landmarker)
        let faces = try preparation.prepare(files: files) { file, outcome in
            done += 1
            switch outcome {
            case .kept: report.faces += 1
            case .noFace: report.withoutFace.append(file)
            case .unreadable(let reason):
                report.unreadable.append(file)
                invocation.reporter.warning(reason)
            }
            let count = done
            invocation.reporter.progress("prepare \(count)/\(files.count)", isFinal: count == files.count)
            if invocation.cancellation.isCancelled { throw Exit(ExitStatus.failure) }
        }
        guard faces.count > 0 else {
            throw FacesError.invalidArgument("no face was found in any of \(files.count) files")
        }
        report.meshes = (0..<faces.count).count { faces.mesh($0) != nil }
        try faces.write(to: output.string)
        try invocation.reporter.result(report)
        try invocation.reporter.line(
            "\(report.faces) faces of \(files.count) files -> \(output); \(report.meshes) with a mesh, \(report.withoutFace.count) without a face, \(report.unreadable.count) unreadable"
        )
    }
}
