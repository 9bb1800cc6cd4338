import Faces
import Foundation
import Imaging
import Resources

/// Two or more photos made ready for comparing the first one's main face with the others', with masks recovered where that is asked for.
public struct PhotoComparison: Sendable {
    /// What a masked face is compared by.
    public enum Evidence: String, CaseIterable, Codable, Sendable {
        case fused, recovered, masked

        /// How `evaluate verification` measures it.
        public var rule: FusionRule {
            switch self {
            case .fused: .enrolled()
            case .recovered: .single(.recovered)
            case .masked: .single(.masked)
            }
        }
    }

    /// One photo, and what it is compared by.
    public struct Side: Sendable {
        public let photo: Image
        /// With refined landmarks where a mask was found.
        public var face: DetectedFace
        /// Nil when no mask was found, or none was looked for.
        public var recovered: Image?
        /// Of unit length.
        public var embedding: [Float]
        /// What is compared: the embedding, or one side of a learned comparison. The first photo's belongs with any other's.
        public var vector: [Float]
    }

    public private(set) var sides: [Side]

    /// Which photos were recognised as masked.
    public var unmasked: [Bool] { sides.map { $0.recovered != nil } }

    /// - Parameters:
    ///   - photos: RGB, with the names that errors call them.
    ///   - evidence: nil does not look for masks.
    ///   - comparison: learned for this evidence; nil takes cosines, and so do photos without masks.
    /// - Throws: `FacesError.invalidArgument` naming a photo without a face, and what the networks throw.
    public init(
        _ photos: [(name: String, image: Image)], evidence: Evidence?, comparison: JointComparison? = nil,
        networks: some FaceNetworks
    ) throws {
        sides = []
        for (name, photo) in photos {
            guard let face = try networks.faces(in: photo).main(width: photo.width, height: photo.height)
            else {
                throw FacesError.invalidArgument(
                    "\(name): no face was found; use a photo in which a face is at least about 20 pixels wide and not turned away"
                )
            }
            let embedding = try networks.embedding(of: face, in: photo)
            var side = Side(photo: photo, face: face, embedding: embedding, vector: embedding)
            if evidence != nil {
                let result = try networks.unmasked(photo, faces: [face])
                if let masked = result.faces.first(where: \.isMasked) {
                    side.recovered = result.image
                    side.face = masked.detection
                }
            }
            sides.append(side)
        }
        guard let evidence, unmasked.contains(true) else { return }
        if evidence != .masked { try combine(evidence, networks) }
        for index in sides.indices {
            let side = sides[index]
            let role: JointComparison.Role = side.recovered == nil ? .reference : .probe
            sides[index].vector =
                index == 0
                ? try comparison?.left(side.embedding, as: role) ?? side.embedding
                : try comparison?.right(side.embedding, as: role) ?? side.embedding
        }
    }

    /// Puts the evidence of masked faces together, as `evaluate verification` does.
    private mutating func combine(_ evidence: Evidence, _ networks: some FaceNetworks) throws {
        let key = VerificationPair.Photo(stem: "photo")
        for index in sides.indices {
            let side = sides[index]
            var rows = PhotoEmbeddings()
            func add(_ view: PhotoView, _ photo: Image, _ face: DetectedFace) throws {
                rows.rows[.init(key, view)] = .init(
                    values: try networks.embedding(of: face, in: photo), hasFace: true, isTreated: true)
            }
            if let recovered = side.recovered {
                rows.rows[.init(key, .masked)] = .init(values: side.embedding, hasFace: true, isTreated: true)
                try add(.recovered, recovered, side.face)
                try add(.realigned, side.photo, side.face)
                sides[index].embedding = try evidence.rule.probeSum(key, rows)
            } else if evidence == .fused {
                // The clean photo is given a plain mask too, and that is recovered.
                guard
                    let masked = try GeneratedMasks(plain: .surgical).wear(
                        on: side.photo, face: side.face, name: "")
                else { continue }
                rows.rows[.init(key, .clean)] = .init(values: side.embedding, hasFace: true, isTreated: true)
                let seen = try networks.faces(in: masked).main(width: masked.width, height: masked.height)
                let result = try networks.unmasked(masked, faces: [seen ?? side.face])
                let found = result.faces.first?.detection ?? seen ?? side.face
                try add(.enrolledRealigned, masked, found)
                try add(.enrolledRecovered, result.image, found)
                sides[index].embedding = try evidence.rule.referenceSum(key, rows)
            }
        }
    }
}

extension VerificationCalibration {
    /// The recogniser's learned comparison in `Models/`, where the thresholds were measured with it; nil where they are those of cosines.
    /// - Throws: `FacesError.invalidArgument` for thresholds that were measured for other evidence; what `ComparisonModel` throws for a file
    ///   that is missing or damaged.
    public func learnedComparison(
        for evidence: PhotoComparison.Evidence, in locator: ResourceLocator = .standard
    ) throws -> JointComparison? {
        guard similarity == .joint else { return nil }
        guard probe == evidence.rawValue else {
            throw FacesError.invalidArgument(
                "the thresholds were measured with a learned comparison of \(probe) faces and do not fit \(evidence.rawValue) ones; take those of \(evidence.rawValue) faces"
            )
        }
        return try ComparisonModel.installed(recogniser: recogniser, in: locator).applied(to: evidence.rule)
            .comparison
    }

    /// The recogniser's calibration in `Models/`: for masked faces that of the evidence used, as far as there is one.
    /// - Throws: `FacesError.invalidArgument` naming the file that is missing or damaged.
    public static func installed(
        recogniser: String, evidence: PhotoComparison.Evidence?, in locator: ResourceLocator = .standard
    ) throws(FacesError) -> VerificationCalibration {
        let probes = (evidence.map { [$0.rawValue] } ?? []) + ["clean"]
        let paths = probes.map { "\(locator.models)/\(name(recogniser: recogniser, probe: $0)).json" }
        let found = paths.first { FileManager.default.fileExists(atPath: $0) } ?? paths[paths.count - 1]
        return try VerificationCalibration(contentsOf: found)
    }
}

extension ComparisonModel {
    /// The recogniser's model in `Models/`.
    /// - Throws: `FacesError.invalidArgument` for one that is missing, of another kind or of another recogniser; `TorchError`.
    public static func installed(recogniser: String, in locator: ResourceLocator = .standard) throws
        -> ComparisonModel
    {
        try ComparisonModel(contentsOf: installedPath(recogniser: recogniser, in: locator), of: recogniser)
    }

    /// Where that file is, or would be.
    public static func installedPath(recogniser: String, in locator: ResourceLocator = .standard) -> String {
        "\(locator.models)/\(name(recogniser: recogniser))"
    }
}
