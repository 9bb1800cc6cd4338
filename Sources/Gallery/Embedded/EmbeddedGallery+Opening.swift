import CSQLite
import Foundation

extension EmbeddedGallery {
    /// Makes a gallery. When it throws, nothing is left of it.
    /// - Throws: `GalleryError.exists` when there is a file of that name, `.storage`, `.invalidArgument`.
    public static func create(
        _ path: String, kind: SubjectKind, model: EmbeddingModel, actor: String
    ) throws(GalleryError) -> EmbeddedGallery {
        try model.check()
        guard access(path, F_OK) != 0 else { throw .exists(path: path) }
        // Made under another name, so that nobody ever opens half a gallery.
        let temporary = "\(path).\(getpid()).\(UUID().uuidString).tmp"
        let descriptor = Foundation.open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .storage(path: path, reason: "cannot be created: \(String(cString: strerror(errno)))")
        }
        close(descriptor)
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(temporary + suffix) } }
        try fill(temporary, kind, model, actor)
        // A link fails where a name is taken, which renaming would not.
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { throw .exists(path: path) }
            throw .storage(path: path, reason: "cannot be created: \(String(cString: strerror(errno)))")
        }
        Folder.flush(containing: path)
        unlink(temporary)
        return try EmbeddedGallery(path, patience: standardPatience)
    }

    private static func fill(
        _ path: String, _ kind: SubjectKind, _ model: EmbeddingModel, _ actor: String
    ) throws(GalleryError) {
        let connection = try SQLiteConnection(path, patience: 0)
        try connection.execute("PRAGMA journal_mode = WAL")
        try connection.transaction(.writing) { () throws(GalleryError) in
            try connection.execute(GallerySchema.tables)
            try connection.execute(
                "PRAGMA application_id = \(GallerySchema.applicationID); PRAGMA user_version = \(GallerySchema.version)"
            )
            try connection.run(
                """
                INSERT INTO gallery (one, uuid, kind, model, model_sha256, dimension, unmasked)
                VALUES (1, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(UUID().uuidString), .text(kind.rawValue), .text(model.name), .text(model.sha256),
                    SQLiteValue(model.dimension), .integer(model.unmasked ? 1 : 0),
                ])
            try note(.create, ["kind": kind.rawValue, "dimension": "\(model.dimension)"], actor, connection)
        }
        _ = try connection.integer("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// - Throws: `GalleryError.missing`, `.notAGallery`, `.newerSchema`, `.corrupt`, `.storage`.
    public static func open(_ path: String) throws(GalleryError) -> EmbeddedGallery {
        try open(path, patience: standardPatience)
    }

    package static func open(_ path: String, patience: Double) throws(GalleryError) -> EmbeddedGallery {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .missing(path: path)
        }
        guard !isFolder.boolValue else { throw .notAGallery(path: path, reason: "it is a folder") }
        try checkHeader(path)
        for file in Folder.leftovers(of: IndexFile.path(of: path), suffix: ".") { unlink(file) }
        return try EmbeddedGallery(path, patience: patience)
    }

    /// Looks at the first bytes before SQLite does, which would take an empty file for a new database and make files beside
    /// one of another program.
    private static func checkHeader(_ path: String) throws(GalleryError) {
        let header: Data
        do {
            header = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: 100) ?? Data()
        } catch {
            throw .storage(path: path, reason: "cannot be read: \(error.localizedDescription)")
        }
        guard header.count == 100, header.starts(with: Data("SQLite format 3\0".utf8)) else {
            throw .notAGallery(path: path, reason: "it is no SQLite database")
        }
        let application = header[68..<72].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard application == GallerySchema.applicationID else {
            throw .notAGallery(path: path, reason: "it is a SQLite database of another program")
        }
    }

    /// What the gallery holds.
    static func description(
        _ connection: SQLiteConnection, _ path: String
    ) throws(GalleryError) -> (SubjectKind, EmbeddingModel) {
        let version = Int(try connection.integer("PRAGMA user_version"))
        guard version <= GallerySchema.version else {
            throw .newerSchema(path: path, found: version, supported: GallerySchema.version)
        }
        guard version == GallerySchema.version else {
            throw .corrupt(path: path, reason: "it has schema version \(version)")
        }
        let sql = "SELECT kind, model, model_sha256, dimension, unmasked FROM gallery WHERE one = 1"
        let found = try connection.first(sql) { (row: SQLiteRow) throws(GalleryError) in
            let model = EmbeddingModel(
                name: row.text(1), sha256: row.text(2), dimension: Int(row.integer(3)),
                unmasked: row.integer(4) != 0)
            return (SubjectKind(rawValue: row.text(0)), model)
        }
        guard let (kind, model) = found, let kind, (try? model.check()) != nil else {
            throw .corrupt(path: path, reason: "it does not say what it holds")
        }
        return (kind, model)
    }
}

extension EmbeddingModel {
    func check() throws(GalleryError) {
        guard !name.isEmpty, (1...65536).contains(dimension) else {
            throw .invalidArgument("a gallery needs a model with a name and 1 to 65536 values per embedding")
        }
    }
}
