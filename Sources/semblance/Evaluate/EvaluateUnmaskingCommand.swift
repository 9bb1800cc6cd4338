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
        Every photo's largest face is aligned, masked (the seed decides how) and recovered; hidden pixels are compared with the true ones. \
        The baseline pastes the mean face of the evaluated photos, colour-matched to the visible part.
        """

    @Argument(help: "Photos, or folders of photos, of people without masks.") var input: [FilePath]
    @Option(help: "Unmasking model.", value: "FILE") var model: FilePath?
    @Option(help: "Evaluate this many photos, drawn by the seed.", in: .atLeast(1)) var limit: Int = 100
    @Option(help: "Seed of the draw and of the masks.") var seed: UInt64 = 2024
    @Option(help: "Also write a sheet: masked, recovered, true, baseline.", value: "FILE") var sheet:
        FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    struct Report: Encodable {
        var photos = 0
        var withoutFace = 0
        var recovered = HiddenRegionScores(l1: 0, lpips: 0)
        var meanFace = HiddenRegionScores(l1: 0, lpips: 0)
        /// Share of the photos on which recovery has the lower LPIPS.
        var better = 0.0
        /// Intersection over union of the predicted mask with the true one, both cut at 0.5.
        var maskIoU = 0.0
        /// Share of the masked faces that were recognised as masked.
        var foundMasked = 0.0
        /// Share of the unmasked faces that were left alone.
        var leftAlone = 0.0
    }

    func run(_ invocation: Invocation) throws {
        let locator = ResourceLocator.standard
        let device = try compute.prepare()
        let unmasker = Unmasker(
            model: try UnmaskingModel.read(
                try model?.string ?? locator.model("unmasker-128"), device: device),
            detector: try YuNetDetector(weights: locator.weights("yunet"), device: device), device: device)
        let lpips = try LPIPS(.alex, in: Context(seed: 0))
        try lpips.load(contentsOf: locator.weights("lpips_alex"))

        var files = try ImageFiles.list(input.map(\.string))
        var random = SampleRandom(seed: seed)
        random.shuffle(&files)
        var report = Report()
        var crops: [(image: FloatImage, landmarks: FiveLandmarks)] = []
        for file in files where crops.count < limit {
            try invocation.cancellation.check()
            let photo = try Image.read(file).rgb()
            guard let face = try unmasker.detector.detect(photo).max(by: { $0.box.area < $1.box.area }) else {
                report.withoutFace += 1
                continue
            }
            let transform = try AlignmentTemplate.face128.transform(from: face.landmarks)
            let crop = try photo.warped(by: transform, width: 128, height: 128, border: .reflect)
            crops.append((FloatImage(crop), face.landmarks.applying(transform)))
            invocation.reporter.progress("align \(crops.count)/\(limit)")
        }
        guard let baseline = MeanFaceBaseline(of: crops.map(\.image)) else {
            throw FacesError.invalidArgument("no face was found in \(files.count) files")
        }
        var panels: [Image] = []
        for (index, crop) in crops.enumerated() {
            try invocation.cancellation.check()
            let own = Generator.derive(seed, UInt64(index))
            let masked = try MaskSynthesizer().wear(
                MaskStyle.random(seed: own), on: crop.image,
                landmarks: FaceLandmarks468(fivePoints: crop.landmarks.points),
                seed: own)
            let alpha = masked.alpha
            guard alpha.data.contains(where: { $0 > 0.5 }) else { continue }
            let face = try unmasker.recover(masked.image)
            let mean = baseline.matched(to: masked.image, alpha: alpha)
            let ours = try HiddenRegionScores.measure(
                face.recovered, truth: crop.image, alpha: alpha, lpips: lpips)
            let theirs = try HiddenRegionScores.measure(mean, truth: crop.image, alpha: alpha, lpips: lpips)
            report.photos += 1
            report.recovered.l1 += ours.l1
            report.recovered.lpips += ours.lpips
            report.meanFace.l1 += theirs.l1
            report.meanFace.lpips += theirs.lpips
            if ours.lpips < theirs.lpips { report.better += 1 }
            if face.isMasked { report.foundMasked += 1 }
            if try !unmasker.recover(crop.image).isMasked { report.leftAlone += 1 }
            report.maskIoU += iou(face.maskAlpha, masked.alphaWithStraps)
            if sheet != nil {
                panels.append(
                    try Panel.row([
                        masked.image.image(), face.recovered.image(), crop.image.image(), mean.image(),
                    ]))
            }
            invocation.reporter.progress(
                "recover \(index + 1)/\(crops.count)", isFinal: index + 1 == crops.count)
        }
        let count = Double(max(report.photos, 1))
        for path in [
            \Report.recovered.l1, \.recovered.lpips, \.meanFace.l1, \.meanFace.lpips, \.better, \.maskIoU,
            \.foundMasked, \.leftAlone,
        ] { report[keyPath: path] /= count }
        if let sheet { try Panel.grid(panels, columns: 4).writePNG(sheet.string) }
        try invocation.reporter.result(report)
        func text(_ value: Double) -> String { String(format: "%.4f", value) }
        try invocation.reporter.line(
            """
            \(report.photos) photos, hidden region:
              recovered   L1 \(text(report.recovered.l1))  LPIPS \(text(report.recovered.lpips))
              mean face   L1 \(text(report.meanFace.l1))  LPIPS \(text(report.meanFace.lpips))
              recovery is better (LPIPS) on \(text(report.better)) of the photos
              mask IoU \(text(report.maskIoU)); recognised as masked \(text(report.foundMasked)); unmasked left alone \(text(report.leftAlone))
            """)
    }

    private func iou(_ a: FloatImage, _ b: FloatImage) -> Double {
        var both = 0
        var either = 0
        for i in a.data.indices {
            let (x, y) = (a.data[i] >= 0.5, b.data[i] >= 0.5)
            if x && y { both += 1 }
            if x || y { either += 1 }
        }
        return either > 0 ? Double(both) / Double(either) : 1
    }
}
