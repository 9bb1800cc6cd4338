import Faces
import Imaging
import NN
import Perceptual
import Torch
import Unmasking

/// Aligns, encodes, draws and refines single faces.
final class FaceInverter {
    let model: LatentModel
    private let encoder: any UnmaskingEncoder
    private let alignment: any FaceAlignment
    private let refinement: LatentRefinement?
    private let lpips: LPIPS?
    private let device: Device

    struct Crop {
        var image: Image
        var box: [Double]?
    }

    struct Result {
        var encoded: EncodedFace
        var drawing: Image
        var panel: [(label: String, image: Image)]
        var report: InversionReport.Face
    }

    /// - Throws: `UnmaskingError.model` for a model that has no encoder of photos.
    init(_ model: LatentModel, refinement: LatentRefinement?, lpips: LPIPS?, device: Device) throws {
        guard let encoder = model.encoder, let alignment = model.alignment else {
            throw UnmaskingError.model(
                path: model.path,
                reason:
                    "a generator without an encoder cannot invert photos; give a pSp or e4e file of 'semblance import', or an unmasking model"
            )
        }
        guard encoder.inputChannels == 3 else {
            throw UnmaskingError.model(
                path: model.path,
                reason:
                    "its encoder takes \(encoder.inputChannels) channels, not RGB photos: it was trained on other pictures (label maps, sketches)"
            )
        }
        try refinement?.validate()
        self.model = model
        self.encoder = encoder
        self.alignment = alignment
        self.refinement = refinement
        self.lpips = lpips
        self.device = device
    }

    /// The aligned faces of a photo, best first; without a detector the photo itself, scaled.
    func crops(of photo: Image, detector: (any FaceDetector)?) throws -> [Crop] {
        let size = encoder.inputSize
        guard let detector else {
            return [Crop(image: try photo.resized(width: size, height: size), box: nil)]
        }
        var crops: [Crop] = []
        for face in try detector.detect(photo) {
            guard let transform = try? alignment.transform(from: face.landmarks) else { continue }
            let crop = try photo.warped(by: transform, width: size, height: size, border: .reflect)
            crops.append(
                Crop(image: crop, box: face.box.numbers))
        }
        return crops
    }

    /// One aligned crop of the encoder's size.
    func invert(_ crop: Image) throws -> Result {
        let photo = try Tensor.images([crop], range: -1...1, device: device)
        var report = InversionReport.Face()
        var watch = StopWatch()
        var encoded = try noGrad { () throws(TorchError) in try encoder.encode(photo) }
        report.milliseconds.encode = watch.lap()
        var drawn = try noGrad { () throws(TorchError) in try model.draw(encoded) }
        report.milliseconds.draw = watch.lap()
        let alpha = try noGrad { () throws(TorchError) in try encoded.maskAlpha(size: encoder.inputSize) }
        var panel = [("photo", crop), ("inverted", try Picture.image(drawn))]
        if let refinement {
            let face = try refinement(
                encoded, photo: photo, alpha: alpha, networks: model.refinementNetworks(lpips: lpips),
                noise: model.noise)
            (encoded, drawn) = (face.encoded, face.image)
            report.milliseconds.refine = face.milliseconds
            report.refinement = .init(before: face.before, after: face.after)
            panel.append(("refined", try Picture.image(drawn)))
        }
        report.l1 = try distance(drawn, photo, alpha)
        if !encoded.featureOffsets.isEmpty {
            let alone = try noGrad { () throws(TorchError) in
                try model.draw(EncodedFace(latents: encoded.latents))
            }
            report.l1CodesAlone = try distance(alone, photo, alpha)
        }
        return Result(
            encoded: encoded, drawing: try Picture.image(drawn), panel: panel, report: report)
    }

    /// Mean absolute difference of colours in 0…1 over visible pixels.
    private func distance(_ drawn: Tensor, _ photo: Tensor, _ alpha: Tensor?) throws -> Double {
        try withoutGradients {
            let size = [photo.size(2), photo.size(3)]
            let image = drawn.size(2) == size[0] ? drawn : try drawn.interpolate(size: size, mode: .area)
            let visible =
                try alpha?.lt(0.5).to(dtype: .float32)
                ?? .ones([1, 1, size[0], size[1]], device: photo.device)
            let total = try ((image.clamp(min: -1, max: 1) - photo).abs() * visible).sum().item()
            return try total / max(1, 3 * visible.sum().item()) / 2
        }
    }
}
