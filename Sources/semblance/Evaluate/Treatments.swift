import CommandLineKit
import Faces
import Imaging
import Unmasking

/// Where the recogniser looks for a recovered face.
enum RecoveredAlignment: String, CaseIterable, ArgumentValue {
    /// In the photo, where the landmark network puts it under the mask.
    case refined
    /// In the photo, found anew.
    case redetect
    /// In the photo, where the detector found it under the mask.
    case keep
    /// In the model's own crop, which is tighter than a recogniser's: the surroundings are missing (black).
    case crop
    /// In the model's own crop, all of it as the generator drew it, the visible part too.
    case drawn
}

/// Puts masks on photos and recovers the faces; only the masked photo is shown to detector and model.
final class MaskTreatment: PhotoTreatment {
    private let masks: any MaskMaker
    private let refiner: LandmarkRefiner?
    private let unmasker: Unmasker?
    private let modelSignature: String
    private let landmarkSignature: String
    private let alignment: RecoveredAlignment
    private let isOracle: Bool
    private let maskedView: PhotoView
    private let realignedView: PhotoView
    private let recoveredView: PhotoView
    private let detector: any FaceDetector

    /// - Parameters:
    ///   - refiner: nil when nothing is to be realigned or recovered.
    ///   - unmasker: nil when nothing is to be recovered.
    ///   - modelSignature, landmarkSignature: tell models and settings apart in a cache.
    ///   - isOracle: whether what a mask hides is drawn from the clean photo, which no real use knows.
    ///   - isEnrolled: whether the photos are known ones that are given masks to be compared with masked ones.
    init(
        _ masks: any MaskMaker, detector: any FaceDetector, refiner: LandmarkRefiner?, unmasker: Unmasker?,
        modelSignature: String = "",
        landmarkSignature: String = "", alignment: RecoveredAlignment = .refined, isOracle: Bool = false,
        isEnrolled: Bool = false
    ) {
        self.masks = masks
        self.detector = detector
        self.refiner = refiner
        self.unmasker = unmasker
        self.modelSignature = modelSignature
        self.landmarkSignature = landmarkSignature
        self.alignment = alignment
        self.isOracle = isOracle
        maskedView = isEnrolled ? .enrolledMasked : .masked
        realignedView = isEnrolled ? .enrolledRealigned : .realigned
        recoveredView = isEnrolled ? .enrolledRecovered : .recovered
    }

    var views: [PhotoView] {
        [maskedView] + (refiner == nil ? [] : [realignedView]) + (unmasker == nil ? [] : [recoveredView])
    }

    func signature(of view: PhotoView) -> String {
        switch view {
        case maskedView: masks.signature
        case realignedView: "\(masks.signature); \(landmarkSignature)"
        default:
            "\(masks.signature); \(modelSignature); \(landmarkSignature); \(alignment.rawValue)\(isOracle ? "; oracle" : "")"
        }
    }

    func apply(to photo: Image, face: DetectedFace?, name: String, views: Set<PhotoView>) throws
        -> [PhotoView: TreatedPhoto]
    {
        guard let masked = try masks.wear(on: photo, face: face, name: name) else {
            return Dictionary(
                uniqueKeysWithValues: views.map { ($0, TreatedPhoto(image: photo, isTreated: false)) })
        }
        // Found once for all views.
        let found = try detector.detect(masked).main(width: masked.width, height: masked.height)
        var treated: [PhotoView: TreatedPhoto] = [:]
        if views.contains(maskedView) {
            treated[maskedView] = TreatedPhoto(
                image: masked, face: found.map { .known($0) } ?? .find(fallback: nil))
        }
        let refined =
            views == [maskedView] ? nil : try found.flatMap { try refiner?([$0], in: masked).first } ?? found
        if views.contains(realignedView) {
            treated[realignedView] = TreatedPhoto(
                image: masked, face: refined.map { .known($0) } ?? .find(fallback: nil))
        }
        if views.contains(recoveredView), let unmasker {
            treated[recoveredView] = try recover(masked, found, refined, unmasker, clean: photo)
        }
        return treated
    }

    private func recover(
        _ masked: Image, _ found: DetectedFace?, _ refined: DetectedFace?, _ unmasker: Unmasker, clean: Image
    ) throws -> TreatedPhoto {
        guard let found else { return TreatedPhoto(image: masked, isTreated: false) }
        let result =
            isOracle
            ? try drawn(masked, found, refined, unmasker, from: clean)
            : try unmasker.unmask(masked, faces: [found], refined: refined.map { [$0] })
        guard let face = result.faces.first, face.isMasked else {
            // Nothing was recovered: the photo is as before, and its face where it was.
            return TreatedPhoto(image: masked, face: .known(found))
        }
        switch alignment {
        case .refined: return TreatedPhoto(image: result.image, face: .known(face.detection))
        case .redetect: return TreatedPhoto(image: result.image, face: .find(fallback: found))
        case .keep: return TreatedPhoto(image: result.image, face: .known(found))
        case .crop:
            return TreatedPhoto(
                image: try face.recovered.image(), face: .known(found.applying(face.transform)))
        case .drawn:
            return TreatedPhoto(image: try face.drawn.image(), face: .known(found.applying(face.transform)))
        }
    }

    /// The mask's place in a masked photo, filled with what the generator makes of the clean one.
    private func drawn(
        _ masked: Image, _ found: DetectedFace, _ refined: DetectedFace?, _ unmasker: Unmasker,
        from clean: Image
    ) throws -> Unmasker.Result {
        var image = masked.rgb()
        let compositor = unmasker.compositor
        guard let aligned = try compositor.align(image, found, refined: refined),
            let truth = try compositor.align(clean.rgb(), found, refined: refined)
        else { return Unmasker.Result(image: image, faces: []) }
        let drawings = try unmasker.draw([aligned.crop, truth.crop])
        let drawing = FaceDrawing(drawn: drawings[1].drawn, alpha: drawings[0].alpha)
        let face = try compositor.blend(drawing, of: aligned, into: &image)
        return Unmasker.Result(image: image, faces: [face])
    }
}
