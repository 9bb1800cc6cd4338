import CommandLineKit
import Foundation
import Gallery

/// `--gallery`: where the gallery is.
struct GalleryOptions: OptionGroup {
    @Option(
        help: "The gallery: a file, or postgresql://USER@HOST/DATABASE?gallery=NAME.", value: "FILE")
    var gallery: FilePath

    /// - Throws: `GalleryError.missing` naming the command that makes one, `.otherKind`.
    func open(_ kind: SubjectKind) throws(GalleryError) -> any GalleryStore {
        let store = try GalleryLocation.open(gallery.string)
        guard store.kind == kind else {
            throw .otherKind(path: store.location, gallery: store.kind, given: kind)
        }
        return store
    }

    /// Nil when there is none yet.
    func openIfThere(_ kind: SubjectKind) throws(GalleryError) -> (any GalleryStore)? {
        do throws(GalleryError) { return try open(kind) } catch {
            guard case .missing = error else { throw error }
            return nil
        }
    }

    /// - Parameter model: makes the embeddings of a new gallery.
    func create(_ kind: SubjectKind, model: EmbeddingModel) throws(GalleryError) -> any GalleryStore {
        try GalleryLocation.create(gallery.string, kind: kind, model: model, actor: Self.actor)
    }

    /// Who runs the program, for the audit log.
    static var actor: String {
        let name = ProcessInfo.processInfo.userName
        return name.isEmpty ? "unknown" : name
    }
}
