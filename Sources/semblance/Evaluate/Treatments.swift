import Faces
import Imaging
import Resources
import Torch
import Unmasking

/// What an evaluation does to the second photo of each pair.
enum Treatments {
    static func make(
        _ probe: EvaluateVerificationCommand.ProbeKind, masks: MaskSource, model: String?,
        detector: any FaceDetector, device: Device
    ) throws -> (any ProbeTreatment)? {
        switch probe {
        case .clean: return nil
        case .masked: return GeneratedMasks(masks)
        case .recovered:
            let model = try UnmaskingModel.read(
                model ?? ResourceLocator.standard.model("unmasker-128"), device: device)
            return RecoveredMasks(
                GeneratedMasks(masks), Unmasker(model: model, detector: detector, device: device))
        }
    }
}

/// Puts a random mask on the face; the same photo wears the same mask in every run with one seed.
final class GeneratedMasks: ProbeTreatment {
    private let source: MaskSource
    private let synthesizer = MaskSynthesizer()

    init(_ source: MaskSource) { self.source = source }

    func apply(to photo: Image, face: DetectedFace?, name: String) throws -> Probe {
        guard let face else { return Probe(image: photo, isTreated: false) }
        let seed = source.seed(for: name)
        let masked = try synthesizer.wear(
            .random(seed: seed), on: FloatImage(photo),
            landmarks: FaceLandmarks468(fivePoints: face.landmarks.points), seed: seed)
        return Probe(image: try masked.image.image())
    }
}

/// Puts a mask on and recovers the face; only the masked photo is shown to detector and model.
final class RecoveredMasks: ProbeTreatment {
    private let masks: GeneratedMasks
    private let unmasker: Unmasker

    init(_ masks: GeneratedMasks, _ unmasker: Unmasker) {
        self.masks = masks
        self.unmasker = unmasker
    }

    func apply(to photo: Image, face: DetectedFace?, name: String) throws -> Probe {
        let masked = try masks.apply(to: photo, face: face, name: name)
        guard
            let found = try unmasker.detector.detect(masked.image).main(
                width: masked.image.width, height: masked.image.height)
        else { return Probe(image: masked.image, isTreated: false) }
        let recovered = try unmasker.unmask(masked.image, faces: [found])
        return Probe(image: recovered.image, fallback: found, isTreated: masked.isTreated)
    }
}
