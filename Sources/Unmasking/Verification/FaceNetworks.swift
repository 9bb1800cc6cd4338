import Faces
import Imaging

/// What comparing photos asks of networks, wherever those run.
public protocol FaceNetworks {
    /// All faces of a photo, best first.
    func faces(in photo: Image) throws -> [DetectedFace]
    /// The unit-length embedding of a face.
    func embedding(of face: DetectedFace, in photo: Image) throws -> [Float]
    /// The photo with these faces unmasked.
    func unmasked(_ photo: Image, faces: [DetectedFace]) throws -> Unmasker.Result
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

    public func embedding(of face: DetectedFace, in photo: Image) throws -> [Float] {
        try embedder.embed(photo, face)
    }

    public func unmasked(_ photo: Image, faces: [DetectedFace]) throws -> Unmasker.Result {
        guard let unmasker else {
            throw UnmaskingError.configuration("photos are to be unmasked, but no unmasking model was loaded")
        }
        return try unmasker.unmask(photo, faces: faces)
    }
}
