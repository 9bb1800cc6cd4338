import Faces
import Gallery
import HTTP
import Imaging
import Unmasking

extension Engine.Networks {
    /// The subjects of a photo.
    /// - Parameter unmask: whether masked faces are recovered before they are embedded.
    /// - Throws: `HTTPProblem` (422) when no face is found.
    func subjects(
        _ kind: SubjectKind, in photo: Image, faces choice: FaceChoice = .main, unmask: Bool = false,
        settings: ServiceSettings
    ) throws -> [Subject] {
        guard kind == .face else {
            let found = try person(photo)
            return [Subject(embedding: found.embedding, attributes: found.attributes, picture: photo)]
        }
        let found = try embeddedFaces(in: photo, choice, limit: settings.maximumFaces, unmask: unmask)
        guard !found.isEmpty else { throw HTTPProblem.noFace }
        return found.map { face, embedding in
            Subject(
                embedding: embedding, box: face.pixelBox(in: photo), score: face.score, in: photo)
        }
    }
}
