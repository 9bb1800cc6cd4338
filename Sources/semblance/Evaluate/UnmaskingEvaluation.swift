import Faces
import Foundation
import Imaging
import Perceptual
import Torch
import Unmasking

/// Collects what `evaluate unmasking` measures, face by face.
struct UnmaskingEvaluation {
    /// One face in all its versions, aligned crops of one size.
    struct Sample {
        let truth: FloatImage
        /// The photo that the crop is from: recognisers see more than the crop.
        let photo: Image
        /// Photo pixels -> crop pixels.
        let transform: AffineTransform2D
        /// In the photo.
        let landmarks: FiveLandmarks
        let person: String
        let masked: MaskedFace
        let face: Unmasker.Face
        let mean: FloatImage
        let isCleanLeftAlone: Bool
    }

    var report: UnmaskingReport
    private let lpips: LPIPS
    private let recognisers: [(name: String, network: any FaceRecogniser)]
    private var persons: [String] = []
    /// [1, 3, s, s] in -1…1 each.
    private var truths: [Tensor] = []
    private var recovered: [Tensor] = []
    /// [1, d] each.
    private var features: (truth: [Tensor], masked: [Tensor], recovered: [Tensor], mean: [Tensor]) = (
        [], [], [], []
    )

    /// - Parameter recognisers: by the names that the report uses.
    init(lpips: LPIPS, recognisers: [(name: String, network: any FaceRecogniser)]) {
        self.lpips = lpips
        self.recognisers = recognisers
        report = UnmaskingReport()
        for (name, _) in recognisers { report.identity[name] = .init() }
    }

    mutating func add(_ sample: Sample) throws {
        let hidden = sample.masked.alpha
        var visible = sample.masked.alphaWithStraps
        for i in visible.data.indices { visible.data[i] = max(0, 1 - visible.data[i]) }
        let truth = sample.truth
        let ours = try HiddenRegionScores.measure(
            sample.face.recovered, truth: truth, alpha: hidden, lpips: lpips)
        let theirs = try HiddenRegionScores.measure(sample.mean, truth: truth, alpha: hidden, lpips: lpips)
        report.photos += 1
        report.recovered += ours
        report.meanFace += theirs
        report.visible += try HiddenRegionScores.measure(
            sample.face.recovered, truth: truth, alpha: visible, lpips: lpips)
        if ours.lpips < theirs.lpips { report.better += 1 }
        if sample.face.isMasked { report.foundMasked += 1 }
        if sample.isCleanLeftAlone { report.leftAlone += 1 }
        report.maskIoU += Self.iou(sample.face.maskAlpha, sample.masked.alphaWithStraps)
        for (name, network) in recognisers { try compareIdentity(sample, name, network) }
        persons.append(sample.person)
        let pasted = Self.paste(sample.mean, over: sample.masked.image, alpha: sample.masked.alphaWithStraps)
        let images = try [truth, sample.masked.image, sample.face.recovered, pasted].map {
            try Tensor(values: $0.data, shape: [1, 3, $0.height, $0.width]) * 2 - 1
        }
        truths.append(images[0])
        recovered.append(images[2])
        try withoutGradients {
            let rows = try images.map { try lpips.pooledFeatures(of: $0) }
            features.truth.append(rows[0])
            features.masked.append(rows[1])
            features.recovered.append(rows[2])
            features.mean.append(rows[3])
        }
    }

    /// Means of everything, and what only a set of faces has.
    func finish() throws -> UnmaskingReport {
        var report = report
        guard report.photos > 0 else { return report }
        let count = Double(report.photos)
        report.recovered = report.recovered / count
        report.meanFace = report.meanFace / count
        report.visible = report.visible / count
        for path in [\UnmaskingReport.better, \.maskIoU, \.foundMasked, \.leftAlone] {
            report[keyPath: path] /= count
        }
        for name in report.identity.keys { report.identity[name]?.divide(by: count) }
        if report.photos >= 4 {
            let truth = try Tensor.cat(features.truth, dim: 0)
            func distance(_ rows: [Tensor]) throws -> KernelDistance.Value {
                try KernelDistance(.cat(rows, dim: 0), truth).value()
            }
            report.kernelDistance = try .init(
                clean: distance(features.truth), masked: distance(features.masked),
                recovered: distance(features.recovered), meanFace: distance(features.mean))
        }
        if let clean = try LowerFaceDiversity.measure(
            .cat(truths, dim: 0), persons: persons, lpips: lpips), clean > 0,
            let ours = try LowerFaceDiversity.measure(
                .cat(recovered, dim: 0), persons: persons, lpips: lpips)
        {
            report.diversity = .init(recovered: ours, clean: clean, ratio: ours / clean)
        }
        return report
    }

    /// All versions, the true face among them, are put back into the photo and cut out at the true landmarks.
    private mutating func compareIdentity(_ sample: Sample, _ name: String, _ recogniser: any FaceRecogniser)
        throws
    {
        let pasted = Self.paste(sample.mean, over: sample.masked.image, alpha: sample.masked.alphaWithStraps)
        let whole = FloatImage(width: pasted.width, height: pasted.height, channels: 1, fill: 1)
        let crops = try [sample.truth, sample.masked.image, sample.face.recovered, pasted].map { face in
            var photo = sample.photo
            try PasteBack.blend(face, alpha: whole, into: &photo, transform: sample.transform)
            return try recogniser.alignment.crop(photo, sample.landmarks)
        }
        let rows = try recogniser.embed(crops: crops)
        let cosines = try rows.matmul(rows.narrow(0, 0, 1).transpose(0, 1)).floats().map(Double.init)
        report.identity[name]?.add(
            masked: cosines[1], recovered: cosines[2], meanFace: cosines[3])
    }

    private static func paste(_ image: FloatImage, over photo: FloatImage, alpha: FloatImage) -> FloatImage {
        var out = photo
        let plane = photo.width * photo.height
        for i in 0..<plane {
            let share = min(1, alpha.data[i])
            for c in 0..<3 {
                out.data[c * plane + i] += share * (image.data[c * plane + i] - out.data[c * plane + i])
            }
        }
        return out
    }

    private static func iou(_ a: FloatImage, _ b: FloatImage) -> Double {
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
