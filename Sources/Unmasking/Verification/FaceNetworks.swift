import Faces
import Imaging

/// What comparing photos asks of networks, wherever those run.
public protocol FaceNetworks {
    /// All faces of a photo, best first.
    func faces(in photo: Image) throws -> [DetectedFace]
    /// The unit-length embedding of each face.
    func embeddings(of faces: [DetectedFace], in photo: Image) throws -> [[Float]]
    /// The photo with these faces unmasked.
    func unmasked(_ photo: Image, faces: [DetectedFace]) throws -> Unmasker.Result
}

extension FaceNetworks {
    /// The unit-length embedding of a face.
    public func embedding(of face: DetectedFace, in photo: Image) throws -> [Float] {
        try embeddings(of: [face], in: photo)[0]
    }

    /// The chosen faces of a photo, embedded; none when none is found.
    /// - Parameters:
    ///   - limit: how many faces at most.
    ///   - unmask: whether masked faces are recovered before they are embedded.
    public func embeddedFaces(
        in photo: Image, _ choice: FaceChoice, limit: Int = .max, unmask: Bool
    ) throws -> [(face: DetectedFace, embedding: [Float])] {
        let chosen = choice.faces(try faces(in: photo), in: photo, limit: limit)
        guard !chosen.isEmpty else { return [] }
        guard unmask else { return try embedded(chosen, in: photo) }
        let result = try unmasked(photo, faces: chosen)
        // Where the landmarks of masked faces are known better by now.
        let refined = chosen.map { face in
            result.faces.first { $0.detection.box == face.box }?.detection ?? face
        }
        return try embedded(refined, in: result.image)
    }

    private func embedded(_ faces: [DetectedFace], in photo: Image) throws -> [(
        face: DetectedFace, embedding: [Float]
    )] {
        Array(zip(faces, try embeddings(of: faces, in: photo))).map { (face: $0, embedding: $1) }
    }
}

/// Networks of this thread.
public final class LocalFaceNetworks: FaceNetworks {
    private let embedder: FaceEmbedder
    private let unmasker: Unmasker?

    /// - Parameter unmasker: nil where no photo is going to be unmasked.
    public init(_ embedder: FaceEmbedder, unmasker: Unmasker? = nil) {
        self.embedder = embedder
        self.unmasker = unmasker
    }

    public func faces(in photo: Image) throws -> [DetectedFace] { try embedder.detector.detect(photo) }

    public func embeddings(of faces: [DetectedFace], in photo: Image) throws -> [[Float]] {
        try embedder.embed(photo, faces: faces)
    }

    public func unmasked(_ photo: Image, faces: [DetectedFace]) throws -> Unmasker.Result {
        guard let unmasker else {
            throw UnmaskingError.configuration("photos are to be unmasked, but no unmasking model was loaded")
        }
        return try unmasker.unmask(photo, faces: faces)
    }
}
