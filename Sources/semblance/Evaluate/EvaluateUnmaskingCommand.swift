import CommandLineKit
import Faces
import Foundation
import Imaging
import NN
import Perceptual
import Resources
import Torch
import Training
import Unmasking

/// `semblance evaluate unmasking`: recovery against the truth, on photos masked by ourselves.
struct EvaluateUnmaskingCommand: Command {
    static let name = "unmasking"
    static let abstract = "Measure recovery on photos that are given generated masks."
    static let discussion = """
        Every photo's largest face is aligned, masked (the seed decides how) and recovered; pixels are compared with the true ones, \
        where the mask hid them and elsewhere. The baseline pastes the mean face of the evaluated photos, colour-matched to the \
        visible part. Identity is the recogniser's cosine to the true face, all faces put back into \
        the photo and cut out at the same place. The kernel distance compares recovered faces with clean faces of other \
        photos, by features of LPIPS's AlexNet (not Inception: values are comparable with each other only). Diversity is the mean \
        LPIPS between different people's recovered lower faces over that between their true ones.
        """
    static let examples = [
        CommandExample(
            "semblance evaluate unmasking lfw --limit 200 --recogniser sface,dlib --sheet sheet.png",
            "Two hundred photos, identity by two recognisers, and a sheet to look at.")
    ]

    @Argument(help: "Photos, or folders of photos, of people without masks.") var input: [FilePath]
    @Option(help: "Unmasking model.", value: "FILE") var model: FilePath?
    @Option(help: "Recognisers that judge identity.") var recogniser = RecogniserList([.sface])
    @Option(help: "Evaluate this many photos, drawn by the seed.", in: .atLeast(1)) var limit: Int = 100
    @Option(help: "Seed of the draw and of the masks.") var seed: UInt64 = 2024
    @Option(help: "Also write a sheet: masked, recovered, true, baseline.", value: "FILE") var sheet:
        FilePath?
    let matte = MatteOptions()
    let compute = ComputeOptions()
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let locator = ResourceLocator.standard
        let device = try compute.prepare()
        let unmasker = Unmasker(
            model: try UnmaskingModel.named(model, device: device),
            detector: try YuNetDetector(weights: locator.weights("yunet"), device: device),
            settings: matte.settings, device: device)
        let lpips = try LPIPS.installed(locator, in: Context(seed: 0))
        let recognisers = try recogniser.models.map {
            (name: $0.rawValue, network: try $0.load(device: device))
        }

        let (crops, withoutFace) = try align(unmasker.detector, invocation)
        guard let baseline = MeanFaceBaseline(of: crops.map(\.image)) else {
            throw FacesError.invalidArgument("no face was found in \(withoutFace) files")
        }
        var evaluation = UnmaskingEvaluation(lpips: lpips, recognisers: recognisers)
        evaluation.report.withoutFace = withoutFace
        var panels: [Image] = []
        for (index, crop) in crops.enumerated() {
            try invocation.cancellation.check()
            let own = Generator.derive(seed, UInt64(index))
            let masked = try MaskSynthesizer().wear(
                MaskStyle.random(seed: own), on: crop.image,
                landmarks: FaceLandmarks468(fivePoints: crop.landmarks.points),
                seed: own)
            guard masked.alpha.data.contains(where: { $0 > 0.5 }) else { continue }
            let face = try unmasker.recover(masked.image)
            let mean = try baseline.matched(to: masked.image, alpha: masked.alpha)
            try evaluation.add(
                .init(
                    truth: crop.image, photo: crop.photo, transform: crop.transform,
                    landmarks: crop.inPhoto, person: crop.person, masked: masked, face: face, mean: mean,
                    isCleanLeftAlone: !unmasker.recover(crop.image).isMasked))
            if sheet != nil {
                panels.append(
                    try Panel.row([
                        masked.image.image(), face.recovered.image(), crop.image.image(), mean.image(),
                    ]))
            }
            invocation.reporter.progress(
                "recover \(index + 1)/\(crops.count)", isFinal: index + 1 == crops.count)
        }
        if let sheet, !panels.isEmpty { try Panel.grid(panels, columns: 4).writePNG(sheet.string) }
        let report = try evaluation.finish()
        try invocation.reporter.result(report)
        for line in report.lines { try invocation.reporter.line(line) }
    }

    private struct Crop {
        let image: FloatImage
        let landmarks: FiveLandmarks
        let photo: Image
        let transform: AffineTransform2D
        /// The landmarks in the photo.
        let inPhoto: FiveLandmarks
        let person: String
    }

    /// Aligned faces of photos in an order drawn by the seed.
    private func align(_ detector: any FaceDetector, _ invocation: Invocation) throws -> ([Crop], Int) {
        var files = try ImageFiles.list(input.map(\.string))
        var random = SampleRandom(seed: seed)
        random.shuffle(&files)
        // In folders by person, photos of one folder show one person; in a single folder each shows another.
        let folders = Set(files.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path })
        var crops: [Crop] = []
        var withoutFace = 0
        for file in files where crops.count < limit {
            try invocation.cancellation.check()
            let photo = try Image.read(file).rgb()
            guard let face = try detector.detect(photo).max(by: { $0.box.area < $1.box.area }) else {
                withoutFace += 1
                continue
            }
            let transform = try AlignmentTemplate.face128.transform(from: face.landmarks)
            let crop = try photo.warped(by: transform, width: 128, height: 128, border: .reflect)
            crops.append(
                Crop(
                    image: FloatImage(crop), landmarks: face.landmarks.applying(transform), photo: photo,
                    transform: transform, inPhoto: face.landmarks,
                    person: folders.count > 1
                        ? URL(fileURLWithPath: file).deletingLastPathComponent().path : file))
            invocation.reporter.progress("align \(crops.count)/\(limit)")
        }
        return (crops, withoutFace)
    }
}
