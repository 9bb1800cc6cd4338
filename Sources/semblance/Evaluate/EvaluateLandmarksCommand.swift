import CommandLineKit
import Faces
import Foundation
import Imaging
import Resources
import Torch
import Training
import Unmasking

/// `semblance evaluate landmarks`: how far masks move the landmarks of faces, and how far they are corrected.
struct EvaluateLandmarksCommand: Command {
    static let name = "landmarks"
    static let abstract = "Measure where the landmarks of masked faces are found."
    static let discussion = """
        Every photo's main face is found, given a mask (the seed and the photo's path decide which) and found again. Errors are distances \
        from where the detector saw the five points without the mask, as a share of the distance between the eyes, mean over the points of \
        a face: as the detector sees them under the mask, and as the landmark network corrects them. Masked faces that the detector does \
        not find are counted.
        """
    static let examples = [
        CommandExample(
            "semblance evaluate landmarks lfw --limit 500", "Five hundred photos, drawn by the seed.")
    ]

    @Argument(help: "Photos, or folders of photos, of people without masks.") var input: [FilePath]
    @Option(help: "Landmark network.", value: "FILE") var landmarks: FilePath?
    @Option(help: "Evaluate this many photos, drawn by the seed.", in: .atLeast(1)) var limit: Int = 300
    @Option(help: "Seed of the draw and of the masks.") var seed: UInt64 = 2024
    let compute = ComputeOptions()
    let report = ReportOptions()

    /// Of the faces' mean errors.
    private struct Errors: Encodable {
        let mean: Double
        let median: Double
        /// Nine of ten faces are nearer.
        let high: Double
        /// Mean of each point, in the order of `FiveLandmarks`.
        let points: [Double]

        init(_ faces: [[Double]]) {
            let means = faces.map { $0.reduce(0, +) / Double($0.count) }.sorted()
            mean = means.reduce(0, +) / Double(means.count)
            median = means[means.count / 2]
            high = means[min(means.count - 1, means.count * 9 / 10)]
            points = (0..<5).map { point in
                faces.reduce(0) { $0 + $1[point] } / Double(faces.count)
            }
        }

        func line(_ name: String) -> String {
            func text(_ value: Double) -> String { String(format: "%.1f", 100 * value) }
            return
                "\(name): mean \(text(mean)) %, median \(text(median)) %, nine of ten below \(text(high)) %; eyes \(text((points[0] + points[1]) / 2)) %, nose \(text(points[2])) %, mouth \(text((points[3] + points[4]) / 2)) % of the eyes' distance"
        }
    }

    private struct Report: Encodable {
        let photos: Int
        /// Photos in which no face was found before it was masked.
        let withoutFace: Int
        /// Masked faces that the detector did not find.
        let lost: Int
        let detector: Errors
        let refined: Errors
    }

    func run(_ invocation: Invocation) throws {
        let device = try compute.prepare()
        let detector = try YuNetDetector(
            weights: ResourceLocator.standard.weights("yunet"), device: device)
        let refiner = try LandmarkRefiner.named(landmarks, device: device)
        let masks = GeneratedMasks(seed: seed)
        var files = try ImageFiles.list(input.map(\.string))
        var random = SampleRandom(seed: seed)
        random.shuffle(&files)
        var (seen, refined): ([[Double]], [[Double]]) = ([], [])
        var (withoutFace, lost) = (0, 0)
        for file in files where seen.count < limit {
            try invocation.cancellation.check()
            let photo = try Image.read(file).rgb()
            guard let truth = try detector.detect(photo).main(width: photo.width, height: photo.height),
                let masked = try masks.wear(on: photo, face: truth, name: file)
            else {
                withoutFace += 1
                continue
            }
            guard let found = try detector.detect(masked).main(width: masked.width, height: masked.height)
            else {
                lost += 1
                continue
            }
            let unit = max(1e-6, (truth.landmarks.rightEye - truth.landmarks.leftEye).length)
            func errors(_ landmarks: FiveLandmarks) -> [Double] {
                zip(landmarks.points, truth.landmarks.points).map { ($0 - $1).length / unit }
            }
            seen.append(errors(found.landmarks))
            refined.append(errors(try refiner([found], in: masked)[0].landmarks))
            invocation.reporter.progress("landmarks \(seen.count)/\(limit)", isFinal: seen.count == limit)
        }
        guard !seen.isEmpty else {
            throw FacesError.invalidArgument(
                "no face was found in \(withoutFace) photos, and none under its mask in \(lost)")
        }
        let report = Report(
            photos: seen.count, withoutFace: withoutFace, lost: lost, detector: Errors(seen),
            refined: Errors(refined))
        try invocation.reporter.result(report)
        try invocation.reporter.line(
            "\(report.photos) masked faces (\(lost) more were not found, \(withoutFace) photos show no face)")
        try invocation.reporter.line(report.detector.line("detector"))
        try invocation.reporter.line(report.refined.line("refined"))
    }
}
