import CommandLineKit
import Faces
import Imaging
import Unmasking

/// Where the recogniser looks for a recovered face.
enum RecoveredAlignment: String, CaseIterable, ArgumentValue {
    /// In the photo, found anew.
    case redetect
    /// In the photo, where it was found under the mask.
    case keep
    /// In the model's own crop, which is tighter than a recogniser's: the surroundings are missing (black).
    case crop
    /// In the model's own crop, all of it as the generator drew it, the visible part too.
    case drawn
}

/// Puts masks on photos and recovers the faces; only the masked photo is shown to detector and model.
final class MaskTreatment: PhotoTreatment {
    private let masks: any MaskMaker
    private let unmasker: Unmasker?
    private let modelSignature: String
    private let alignment: RecoveredAlignment
    private let maskedView: PhotoView
    private let recoveredView: PhotoView
    private let detector: any FaceDetector

    /// - Parameters:
    ///   - unmasker: nil when nothing is to be recovered.
    ///   - modelSignature: tells models and settings apart in a cache.
    ///   - isEnrolled: whether the photos are known ones that are given masks to be compared with masked ones.
    init(
        _ masks: any MaskMaker, detector: any FaceDetector, unmasker: Unmasker?, modelSignature: String = "",
        alignment: RecoveredAlignment = .redetect, isEnrolled: Bool = false
    ) {
        self.masks = masks
        self.detector = detector
        self.unmasker = unmasker
        self.modelSignature = modelSignature
        self.alignment = alignment
        maskedView = isEnrolled ? .enrolledMasked : .masked
        recoveredView = isEnrolled ? .enrolledRecovered : .recovered
    }

    var views: [PhotoView] { unmasker == nil ? [maskedView] : [maskedView, recoveredView] }

    func signature(of view: PhotoView) -> String {
        view == maskedView
            ? masks.signature : "\(masks.signature); \(modelSignature); \(alignment.rawValue)"
    }

    func apply(to photo: Image, face: DetectedFace?, name: String, views: Set<PhotoView>) throws
        -> [PhotoView: TreatedPhoto]
    {
        guard let masked = try masks.wear(on: photo, face: face, name: name) else {
            return Dictionary(
                uniqueKeysWithValues: views.map { ($0, TreatedPhoto(image: photo, isTreated: false)) })
        }
        // Found once for both views.
        let found = try detector.detect(masked).main(width: masked.width, height: masked.height)
        var treated: [PhotoView: TreatedPhoto] = [:]
        if views.contains(maskedView) {
            treated[maskedView] = TreatedPhoto(
                image: masked, face: found.map { .known($0) } ?? .find(fallback: nil))
        }
        if views.contains(recoveredView), let unmasker {
            treated[recoveredView] = try recover(masked, found, unmasker)
        }
        return treated
    }

    private func recover(_ masked: Image, _ found: DetectedFace?, _ unmasker: Unmasker) throws -> TreatedPhoto
    {
        guard let found else { return TreatedPhoto(image: masked, isTreated: false) }
        let result = try unmasker.unmask(masked, faces: [found])
        guard let face = result.faces.first, face.isMasked else {
            // Nothing was recovered: the photo is as before, and its face where it was.
            return TreatedPhoto(image: masked, face: .known(found))
        }
        switch alignment {
        case .redetect: return TreatedPhoto(image: result.image, face: .find(fallback: found))
        case .keep: return TreatedPhoto(image: result.image, face: .known(found))
        case .crop:
            return TreatedPhoto(
                image: try face.recovered.image(), face: .known(found.applying(face.transform)))
        case .drawn:
            return TreatedPhoto(image: try face.drawn.image(), face: .known(found.applying(face.transform)))
        }
    }
}
