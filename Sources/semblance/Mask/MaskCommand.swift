import CommandLineKit
import Faces
import Foundation
import Imaging
import Resources

extension MaskKind: ArgumentValue {}

/// `semblance mask`: puts a synthetic protective mask on every face of a photo.
struct MaskCommand: Command {
    static let name = "mask"
    static let abstract = "Put a synthetic mask on every face of a photo."
    static let discussion =
        "The same photo, kind and seed give the same picture. Masked photos train and test unmasking; they are not meant to deceive."
    static let examples = [
        CommandExample("semblance mask photo.jpg -o masked.png --kind surgical --seed 7", "Mask a photo."),
        CommandExample(
            "semblance mask example:astronaut -o masked.png", "Mask the example photo of the set-up."),
    ]

    @Argument(help: "Photo (JPEG, PNG or WebP), or example:astronaut.") var photo: FilePath
    @Option(short: "o", help: "File for the masked photo (.png, .jpg).", value: "FILE") var output: FilePath
    @Option(help: "Kind of mask; by default chosen by the seed.") var kind: MaskKind?
    @Option(help: "Seed of the mask's looks and of how it is worn.") var seed: UInt64 = 1
    @Option(help: "Also write the mask's alpha as a grey PNG.", value: "FILE") var alpha: FilePath?
    @Option(help: "Faces below this confidence are ignored.", in: .between(0, 1)) var threshold: Double = 0.7
    let report = ReportOptions()

    private struct Report: Encodable {
        struct Face: Encodable {
            var box: [Double]
            var score: Double
            var kind: String
        }
        var file: String
        var output: String
        var faces: [Face]
    }

    func run(_ invocation: Invocation) throws {
        let locator = ResourceLocator.standard
        let path = try locator.input(photo.string)
        let image = try Image.read(path).rgb()
        var settings = YuNetDetector.Settings()
        settings.scoreThreshold = threshold
        let detector = try YuNetDetector(weights: locator.weights("yunet"), settings: settings)
        let faces = try detector.detect(image)
        guard !faces.isEmpty else {
            throw FacesError.invalidArgument(
                "\(path): no face found (confidence at least \(threshold)); lower --threshold or use a photo that shows a face"
            )
        }
        var canvas = FloatImage(image)
        var matte = FloatImage(width: image.width, height: image.height, channels: 1)
        var report = Report(file: path, output: output.string, faces: [])
        for (index, face) in faces.enumerated() {
            let own = seed &+ UInt64(index) &* 0x9E37_79B9
            let style = MaskStyle.random(seed: own, kinds: kind.map { [$0] } ?? MaskStyle.usualKinds)
            let masked = try MaskSynthesizer().wear(
                style, on: canvas, landmarks: FaceLandmarks468(fivePoints: face.landmarks.points), seed: own)
            canvas = masked.image
            let alpha = masked.alphaWithStraps
            for i in matte.data.indices { matte.data[i] = max(matte.data[i], alpha.data[i]) }
            report.faces.append(
                .init(
                    box: face.box.numbers, score: face.score,
                    kind: style.kind.rawValue))
        }
        try ImageOutput.write(canvas.image(), to: output.string)
        if let alpha { try matte.image().writePNG(alpha.string) }
        try invocation.reporter.result(report)
        try invocation.reporter.line(
            "\(output): \(report.faces.count) face\(report.faces.count == 1 ? "" : "s") masked (\(report.faces.map(\.kind).joined(separator: ", ")))"
        )
    }
}
