import Faces
import HTTP
import Imaging
import Resources
import Unmasking

/// `POST /v1/verify`: whether two photos show one person.
struct VerifyEndpoint: Endpoint {
    let engine: Engine
    let settings: ServiceSettings
    /// By what masked faces are compared by; nil for faces without masks.
    let calibrations: [PhotoComparison.Evidence?: VerificationCalibration]
    /// Where thresholds were measured with a learned comparison.
    let comparisons: [PhotoComparison.Evidence: JointComparison]

    /// - Throws: `FacesError.invalidArgument` when the recogniser has no calibration, or not the comparison that it was measured with.
    init(engine: Engine, settings: ServiceSettings, locator: ResourceLocator) throws {
        self.engine = engine
        self.settings = settings
        var calibrations: [PhotoComparison.Evidence?: VerificationCalibration] = [:]
        for evidence in [nil] + PhotoComparison.Evidence.allCases {
            calibrations[evidence] = try .installed(
                recogniser: engine.facts.recogniserName, evidence: evidence, in: locator)
        }
        self.calibrations = calibrations
        var comparisons: [PhotoComparison.Evidence: JointComparison] = [:]
        for evidence in PhotoComparison.Evidence.allCases {
            comparisons[evidence] = try calibrations[evidence]?.learnedComparison(for: evidence, in: locator)
        }
        self.comparisons = comparisons
    }

    private struct Report: Encodable {
        let similarity: Double
        let threshold: Double
        let far: Double
        let same: Bool
        let recogniser: String
        let probe: String
        let unmasked: [Bool]
        let faces: [FoundFace]
    }

    var routes: [Route] {
        [
            Route(
                .post, "/v1/verify", access: .read, maximumBody: settings.maximumBytes,
                handler: HTTPProblem.translating(answer))
        ]
    }

    private func answer(_ request: Request) throws -> Response {
        let upload = try Upload(
            request, photos: ["first", "second"], settings: ["unmask", "evidence", "far"])
        let unmask = try upload.values.flag("unmask") ?? false
        let chosen = try upload.values.choice("evidence", of: PhotoComparison.Evidence.self) ?? .fused
        let far = try upload.values.number("far", in: 0...1) ?? 0.001
        let photos = try ["first", "second"].map {
            (name: $0, image: try upload.photo($0, settings))
        }
        let pair = try PhotoComparison(
            photos, evidence: unmask ? chosen : nil, comparison: comparisons[chosen],
            networks: engine.networks(request.cancellation))
        let evidence = pair.unmasked.contains(true) ? chosen : nil
        guard let calibration = calibrations[evidence] else {
            throw ServiceError.internalMismatch("no calibration for \(chosen.rawValue)")
        }
        let comparison = try FaceComparison(
            pair.sides[0].vector, pair.sides[1].vector, calibration: calibration, far: far)
        return try .json(
            Report(
                similarity: comparison.similarity, threshold: comparison.threshold, far: comparison.far,
                same: comparison.same, recogniser: engine.facts.recogniserName, probe: calibration.probe,
                unmasked: pair.unmasked,
                faces: pair.sides.map { FoundFace(box: $0.face.box.numbers, score: $0.face.score) }))
    }
}
