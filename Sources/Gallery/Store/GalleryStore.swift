import Foundation

/// A persistent store of embeddings, by which images of the same person are found. Callers embed; a store sees no
/// pixels but thumbnails.
///
/// Every function is synchronous and may be called from any thread. `actor` is who did it, for the audit log.
public protocol GalleryStore: AnyObject, Sendable {
    var kind: SubjectKind { get }
    var model: EmbeddingModel { get }
    /// Where it is, for messages: a file, or a server's database.
    var location: String { get }

    /// Adds entries in one transaction: all are durable when it returns, or none when it throws. An entry whose file
    /// hash and box are there already is left out.
    /// - Throws: `GalleryError.invalidArgument` naming an entry whose embedding has the wrong length, is not finite or
    ///   not of unit length, whose hash is none, or whose box is not [x, y, width, height].
    func add(_ entries: [NewGalleryEntry], actor: String) throws(GalleryError) -> AddReport

    /// The entries most similar to an embedding, best first. A filter is exact with every index.
    /// - Parameter top: how many at most, from 1.
    /// - Throws: `GalleryError.invalidArgument` for an embedding of the wrong length or not of unit length.
    func search(_ embedding: [Float], top: Int, filter: GalleryFilter, actor: String) throws(GalleryError)
        -> [GalleryHit]

    /// The entries that match, in the order of their ids.
    func find(_ filter: GalleryFilter, top: Int, offset: Int, actor: String) throws(GalleryError)
        -> [GalleryEntry]

    func entry(_ id: Int64) throws(GalleryError) -> GalleryEntry?
    /// JPEG.
    func thumbnail(_ id: Int64) throws(GalleryError) -> [UInt8]?

    /// Everything kept of up to `limit` entries whose id is above `id`, in the order of ids.
    func records(after id: Int64, limit: Int) throws(GalleryError) -> [GalleryRecord]

    /// Which of these file hashes are there, whatever their box.
    func known(_ sha256s: [String]) throws(GalleryError) -> Set<String>

    /// Deletes for good: rows, vectors, thumbnails, attributes, and what the files keep of them.
    func delete(_ selection: GallerySelection, actor: String) throws(GalleryError) -> DeletionReport

    func statistics() throws(GalleryError) -> GalleryStatistics

    /// Number of entries by value, by attribute.
    func attributes() throws(GalleryError) -> [String: [String: Int]]

    /// The audit log, oldest first: up to `limit` records whose id is above `id`.
    func audit(after id: Int64, limit: Int) throws(GalleryError) -> [AuditRecord]
    /// Writes to the audit log what the store does not do itself ("export").
    func record(_ action: AuditRecord.Action, detail: [String: String], actor: String) throws(GalleryError)

    /// Looks at everything: the database, the vectors, and whether the index agrees with them.
    func checkIntegrity() throws(GalleryError) -> IntegrityReport

    /// Chooses and tunes the index by recall measured on the gallery's own vectors.
    /// - Parameter progress: is told what is being done and how far it is; may throw to stop.
    func optimise(
        _ goal: IndexGoal, actor: String, progress: (IndexProgress) throws(GalleryError) -> Void
    ) throws(GalleryError) -> IndexSummary
}

extension GalleryStore {
    /// Refuses embeddings that must not be mixed with the gallery's.
    /// - Throws: `GalleryError.otherKind`, `.otherModel`.
    public func require(kind: SubjectKind, model: EmbeddingModel) throws(GalleryError) {
        guard kind == self.kind else {
            throw .otherKind(path: location, gallery: self.kind, given: kind)
        }
        guard model == self.model else {
            throw .otherModel(path: location, gallery: self.model, given: model)
        }
    }
}
