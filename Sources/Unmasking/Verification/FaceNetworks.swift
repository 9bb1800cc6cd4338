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
        let seen = unmask ? try unmasked(photo, faces: chosen).image : photo
        return Array(zip(chosen, try embeddings(of: chosen, in: seen))).map { (face: $0, embedding: $1) }
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
