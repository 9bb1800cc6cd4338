/// What can go wrong with a gallery, with what was found, what was expected and what to do.
public enum GalleryError: Error, Equatable, CustomStringConvertible, Sendable {
    /// A file that is no gallery.
    case notAGallery(path: String, reason: String)
    /// There is a gallery already.
    case exists(path: String)
    /// There is no gallery.
    case missing(path: String)
    /// Made by a newer version.
    case newerSchema(path: String, found: Int, supported: Int)
    /// Damaged data.
    case corrupt(path: String, reason: String)
    /// Embeddings of one model for a gallery of another.
    case otherModel(path: String, gallery: EmbeddingModel, given: EmbeddingModel)
    /// Faces for a gallery of people, or the other way round.
    case otherKind(path: String, gallery: SubjectKind, given: SubjectKind)
    /// The file system or the server refused.
    case storage(path: String, reason: String)
    /// Another process holds the gallery.
    case busy(path: String)
    /// The vector index failed.
    case index(reason: String)
    /// A setting, a shape or an argument that cannot work.
    case invalidArgument(String)
    /// Stopped on request.
    case cancelled

    public var description: String {
        switch self {
        case .notAGallery(let path, let reason):
            "\(path): this is no gallery: \(reason)"
        case .exists(let path):
            "\(path): there is a file already; open it, or name a new one"
        case .missing(let path):
            "\(path): there is no gallery; make one with 'semblance reid index' or 'semblance faces index'"
        case .newerSchema(let path, let found, let supported):
            "\(path): the gallery has schema version \(found), and this program knows versions up to \(supported); use a newer version of the program"
        case .corrupt(let path, let reason):
            "\(path): the gallery is damaged: \(reason); restore a copy, or import an export"
        case .otherModel(let path, let gallery, let given):
            "\(path): the gallery holds embeddings of \(gallery), which cannot be compared with those of \(given); use that model, or index into a new gallery"
        case .otherKind(let path, let gallery, let given):
            "\(path): the gallery holds embeddings of kind '\(gallery.rawValue)', not '\(given.rawValue)'; use \(gallery == .person ? "'semblance reid'" : "'semblance faces'"), or another gallery"
        case .storage(let path, let reason): "\(path): \(reason)"
        case .busy(let path):
            "\(path): another process is writing to the gallery; try again when it is done"
        case .index(let reason): "the vector index failed: \(reason)"
        case .invalidArgument(let reason): reason
        case .cancelled: "stopped"
        }
    }
}
