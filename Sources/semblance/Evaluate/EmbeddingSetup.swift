import CommandLineKit
import Faces
import Foundation
import NN
import Resources
import Torch
import Unmasking

/// The networks that views of photos need, put together for embedding them.
struct EmbeddingSetup {
    let device: Device
    /// Whether the photos are crops by ArcFace's template, in which no face is searched.
    var areAligned = false
    /// Of the second photos.
    let masks: any MaskMaker
    var model: FilePath?
    var landmarks: FilePath?
    var settings = Unmasker.Settings()
    var alignment = RecoveredAlignment.refined
    var isOracle = false
    var isMirrored = false
    /// The folder of kept embeddings.
    var cache: FilePath?

    /// Loads what the views need, and nothing else.
    func collector(
        _ photos: any PhotoSource, views: Set<PhotoView>, _ networks: [any FaceRecogniser]
    ) throws -> EmbeddingCollector {
        let cache = try cache.map { try EmbeddingCache(folder: $0.string) }
        let detector: any FaceDetector
        var detectorSignature = "aligned crops"
        if areAligned {
            detector = AlignedFaceDetector()
        } else {
            let yunet = try YuNetDetector(weights: ResourceLocator.standard.weights("yunet"), device: device)
            detector = yunet
            if cache != nil { detectorSignature = "yunet \(try yunet.network.digest())" }
        }
        return EmbeddingCollector(
            detector: detector,
            recognisers: try networks.map { network in
                let module = network as? Module
                return .init(network, signature: cache == nil ? "" : try module?.digest() ?? "")
            }, source: photos,
            treatments: try treatments(for: views, detector: detector, isCached: cache != nil), cache: cache,
            detectorSignature: detectorSignature, isMirrored: isMirrored)
    }

    private func treatments(for views: Set<PhotoView>, detector: any FaceDetector, isCached: Bool) throws
        -> [any PhotoTreatment]
    {
        guard views != [.clean] else { return [] }
        var refiner: LandmarkRefiner?
        var unmasker: Unmasker?
        var (signature, landmarkSignature) = ("", "")
        if !views.isSubset(of: [.clean, .masked, .enrolledMasked]) {
            let named = try LandmarkRefiner.named(landmarks, device: device)
            refiner = named
            if isCached { landmarkSignature = "landmarks \(try named.network.digest())" }
        }
        if !views.isDisjoint(with: [.recovered, .enrolledRecovered]) {
            let network = try UnmaskingModel.named(model, device: device)
            unmasker = Unmasker(
                model: network, detector: detector, settings: settings, refiner: refiner, device: device)
            if isCached { signature = "model \(try network.digest()), \(try settings.signature)" }
        }
        func treatment(_ masks: any MaskMaker, isEnrolled: Bool) -> MaskTreatment {
            MaskTreatment(
                masks, detector: detector, refiner: refiner, unmasker: unmasker, modelSignature: signature,
                landmarkSignature: landmarkSignature, alignment: alignment, isOracle: isOracle,
                isEnrolled: isEnrolled)
        }
        return [
            treatment(masks, isEnrolled: false),
            treatment(GeneratedMasks(plain: .surgical), isEnrolled: true),
        ]
    }
}

extension Invocation {
    /// Embeds photos and tells how far it is.
    func collect(
        _ collector: EmbeddingCollector, _ wanted: [(photo: VerificationPair.Photo, views: Set<PhotoView>)],
        what: String
    ) throws -> [PhotoEmbeddings] {
        let clock = ContinuousClock()
        let start = clock.now
        return try collector.collect(wanted) { done, total in
            try cancellation.check()
            let rate = Double(done) / max((clock.now - start) / .seconds(1), 1e-3)
            let left = Int((Double(total - done) / max(rate, 1e-3)).rounded())
            reporter.progress(
                "\(what) \(done)/\(total) photos, \(String(format: "%.1f", rate))/s, \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left",
                isFinal: done == total)
        }
    }
}
