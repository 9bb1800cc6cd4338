import CSQLite
import Foundation

/// A gallery in one SQLite file, with its index in a second file beside it. Several processes may use it at the same time;
/// one of them writes at a time.
///
/// The embeddings in the database are the truth. Searches compare with a copy of them in memory: all of them, or those that
/// a graph or inverted lists lead to, as `optimise` chose.
public final class EmbeddedGallery: GalleryStore, @unchecked Sendable {
    public let kind: SubjectKind
    public let model: EmbeddingModel
    public let location: String
    let readers: SQLitePool
    let index: VectorIndex
    private let patience: Double
    private let writing = NSLock()
    // Guarded by `writing`.
    private let writer: SQLiteConnection
    private let auditor: SQLiteConnection

    /// How long to wait for another process that writes, in seconds.
    package static let standardPatience = 10.0

    init(_ path: String, patience: Double) throws(GalleryError) {
        location = path
        self.patience = patience
        writer = try SQLiteConnection(path, patience: patience)
        auditor = try SQLiteConnection(path, durability: .normal, patience: patience)
        readers = SQLitePool(path, patience: patience)
        (kind, model) = try Self.description(writer, path)
        index = VectorIndex(path: path, dimension: model.dimension)
    }

    /// Changes the gallery, alone among all threads and processes.
    func write<Value>(
        _ body: (SQLiteConnection) throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value {
        writing.lock()
        defer { writing.unlock() }
        return try writer.transaction(.writing) { () throws(GalleryError) in try body(writer) }
    }

    /// What cannot be part of a transaction.
    func maintain<Value>(
        _ body: (SQLiteConnection) throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value {
        writing.lock()
        defer { writing.unlock() }
        return try body(writer)
    }

    /// Writes to the audit log what changed nothing.
    func note(
        _ action: AuditRecord.Action, _ detail: [String: String], _ actor: String
    ) throws(GalleryError) {
        writing.lock()
        defer { writing.unlock() }
        try auditor.transaction(.writing) { () throws(GalleryError) in
            try Self.note(action, detail, actor, auditor)
        }
    }

    func state(_ connection: SQLiteConnection) throws(GalleryError) -> GalleryState {
        try GallerySchema.state(connection, location)
    }

    /// All files of the gallery that are there.
    var files: [String] {
        let index = IndexFile.path(of: location)
        return [location, "\(location)-wal", "\(location)-shm", "\(location)-journal", index]
            .filter { access($0, F_OK) == 0 } + Folder.leftovers(of: index, suffix: ".")
    }
}
