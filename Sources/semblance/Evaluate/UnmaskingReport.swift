import Foundation
import Unmasking

/// What `evaluate unmasking` tells; JSON keys are stable.
struct UnmaskingReport: Encodable {
    /// Cosine to the true face.
    struct Identity: Encodable {
        var masked = 0.0
        var recovered = 0.0
        var meanFace = 0.0
        /// Share of the photos whose recovered face is closer to the true one than the masked face.
        var better = 0.0

        mutating func add(masked: Double, recovered: Double, meanFace: Double) {
            self.masked += masked
            self.recovered += recovered
            self.meanFace += meanFace
            if recovered > masked { better += 1 }
        }

        mutating func divide(by count: Double) {
            masked /= count
            recovered /= count
            meanFace /= count
            better /= count
        }
    }

    struct KernelDistances: Encodable {
        /// Clean faces against clean faces of other photos: what is left of the measure when nothing differs.
        var clean: KernelDistance.Value
        var masked: KernelDistance.Value
        var recovered: KernelDistance.Value
        var meanFace: KernelDistance.Value
    }

    struct Diversity: Encodable {
        var recovered: Double
        var clean: Double
        var ratio: Double
    }

    var photos = 0
    var withoutFace = 0
    /// Where the mask hid the face.
    var recovered = HiddenRegionScores(l1: 0, lpips: 0)
    var meanFace = HiddenRegionScores(l1: 0, lpips: 0)
    /// The recovered picture where the face was visible.
    var visible = HiddenRegionScores(l1: 0, lpips: 0)
    /// Share of the photos on which recovery has the lower LPIPS.
    var better = 0.0
    /// Intersection over union of the predicted mask with the true one, both cut at 0.5.
    var maskIoU = 0.0
    /// Share of the masked faces that were recognised as masked.
    var foundMasked = 0.0
    /// Share of the unmasked faces that were left alone.
    var leftAlone = 0.0
    /// By recogniser.
    var identity: [String: Identity] = [:]
    /// Absent for fewer than four photos.
    var kernelDistance: KernelDistances?
    /// Absent for photos of one person.
    var diversity: Diversity?

    var lines: [String] {
        func text(_ value: Double) -> String { String(format: "%.4f", value) }
        func gain(_ ours: Double, _ theirs: Double) -> String {
            String(format: "%.0f %%", theirs > 0 ? (1 - ours / theirs) * 100 : 0)
        }
        func scores(_ s: HiddenRegionScores) -> String {
            "L1 \(text(s.l1))  LPIPS \(text(s.lpips))  PSNR \(s.psnr.map { String(format: "%.2f dB", $0) } ?? "equal")  SSIM \(text(s.ssim))"
        }
        func value(_ v: KernelDistance.Value) -> String { "\(text(v.mean)) ± \(text(v.deviation))" }
        var lines = [
            "\(photos) photos, hidden region:", "  recovered   \(scores(recovered))",
            "  mean face   \(scores(meanFace))",
            "  recovery is better by \(gain(recovered.l1, meanFace.l1)) in L1, by \(gain(recovered.lpips, meanFace.lpips)) in LPIPS; in LPIPS on \(text(better)) of the photos",
            "visible region:", "  recovered   \(scores(visible))",
            "mask IoU \(text(maskIoU)); recognised as masked \(text(foundMasked)); unmasked left alone \(text(leftAlone))",
        ]
        for (name, identity) in identity.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "identity (\(name)): masked \(text(identity.masked)), recovered \(text(identity.recovered)), mean face \(text(identity.meanFace)); recovered above masked on \(text(identity.better)) of the photos"
            )
        }
        if let kernelDistance {
            lines.append(
                "kernel distance to clean faces (LPIPS's AlexNet): recovered \(value(kernelDistance.recovered)), masked \(value(kernelDistance.masked)), mean face \(value(kernelDistance.meanFace)), clean \(value(kernelDistance.clean))"
            )
        }
        if let diversity {
            lines.append(
                "diversity of lower faces: recovered \(text(diversity.recovered)) of \(text(diversity.clean)) between true ones, ratio \(text(diversity.ratio))"
            )
        }
        return lines
    }
}
