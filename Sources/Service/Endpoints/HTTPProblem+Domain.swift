import Faces
import Gallery
import HTTP
import Imaging
import ReID
import Unmasking

extension HTTPProblem {
    /// Of a photo that should show one.
    static let noFace = HTTPProblem(
        .unprocessable,
        "no face was found; use a photo in which a face is at least about 20 pixels wide and not turned away")

    /// The problem that an error of the rooms below means for the caller; nil when the fault is ours.
    init?(domain error: any Error) {
        switch error {
        case let error as GalleryError:
            switch error {
            case .invalidArgument(let text): self.init(.unprocessable, text)
            case .busy: self = .busy("the gallery is busy; try again", retryAfter: 1)
            case .otherModel, .otherKind:
                self.init(.conflict, "the gallery holds embeddings of another model than the one served")
            default: return nil
            }
        // A face that is missing, a threshold that nobody measured: the message is about what was sent.
        case FacesError.invalidArgument(let text): self.init(.unprocessable, text)
        case ImagingError.tooLarge: self.init(.contentTooLarge, "\(error)")
        default: return nil
        }
    }

    /// Runs a handler, and tells errors of the rooms below as problems.
    static func translating(_ handler: @escaping @Sendable (Request) throws -> Response)
        -> @Sendable (Request) throws -> Response
    {
        { request in
            do { return try handler(request) } catch {
                throw HTTPProblem(domain: error) ?? error
            }
        }
    }
}
