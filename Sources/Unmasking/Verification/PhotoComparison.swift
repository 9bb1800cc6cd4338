import Faces
import Foundation
import Imaging
import Resources

/// Two or more photos made ready for comparing their main faces, with masks recovered where that is asked for.
public struct PhotoComparison: Sendable {
    /// What a masked face is compared by.
    public enum Evidence: String, CaseIterable, Codable, Sendable { case fused, recovered, masked }

    /// One photo, and what it is compared by.
    public struct Side: Sendable {
        public let photo: Image
        /// With refined landmarks where a mask was found.
        public var face: DetectedFace
        /// Nil when no mask was found, or none was looked for.
        public var recovered: Image?
        /// Of unit length.
        public var embedding: [Float]
    }

    public private(set) var sides: [Side]

    /// Which photos were recognised as masked.
    public var unmasked: [Bool] { sides.map { $0.recovered != nil } }

    /// - Parameters:
    ///   - photos: RGB, with the names that errors call them.
    ///   - evidence: nil does not look for masks.
    /// - Throws: `FacesError.invalidArgument` naming a photo without a face, and what the networks throw.
    public init(
        _ photos: [(name: String, image: Image)], evidence: Evidence?, networks: some FaceNetworks
    ) throws {
        sides = []
        for (name, photo) in photos {
            guard let face = try networks.faces(in: photo).main(width: photo.width, height: photo.height)
            else {
                throw FacesError.invalidArgument(
                    "\(name): no face was found; use a photo in which a face is at least about 20 pixels wide and not turned away"
                )
            }
            var side = Side(photo: photo, face: face, embedding: try networks.embedding(of: face, in: photo))
            if evidence != nil {
                let result = try networks.unmasked(photo, faces: [face])
                if let masked = result.faces.first(where: \.isMasked) {
                    side.recovered = result.image
                    side.face = masked.detection
                }
            }
            sides.append(side)
        }
        if let evidence { try combine(evidence, networks) }
    }

    /// Puts the evidence of masked faces together, as `evaluate verification` does.
    private mutating func combine(_ evidence: Evidence, _ networks: some FaceNetworks) throws {
        guard evidence != .masked, sides.contains(where: { $0.recovered != nil }) else { return }
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
                sides[index].embedding =
                    evidence == .recovered
                    ? try rows.row(key, .recovered).values
                    : try FusionRule.enrolled().probeVectors(key, rows)[0]
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
                sides[index].embedding = try FusionRule.enrolled().referenceVectors(key, rows)[0]
            }
        }
    }
}

extension VerificationCalibration {
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
