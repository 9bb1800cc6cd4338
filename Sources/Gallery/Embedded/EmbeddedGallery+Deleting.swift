import Foundation

extension EmbeddedGallery {
    /// What a transaction of deletion took away.
    private struct Removal {
        var ids: [Int64] = []
        var identities = 0
        var vectors: UInt64 = 0
        var rows: UInt64 = 0
        var search = ErasureSearch()
        var state: GalleryState
    }

    public func delete(_ selection: GallerySelection, actor: String) throws(GalleryError) -> DeletionReport {
        let removal = try write { (connection: SQLiteConnection) throws(GalleryError) in
            let before = try state(connection)
            // The index can only forget what it has: bring it to the state before the deletion.
            if before.plan.kind != .exact { try index.refresh(to: before, connection) }
            var removal = Removal(state: before)
            try remove(selection, &removal, connection)
            try Self.note(
                .delete,
                [
                    "images": "\(removal.ids.count)", "identities": "\(removal.identities)",
                    "by": selection.auditText,
                ], actor, connection)
            return removal
        }
        guard !removal.ids.isEmpty else {
            return DeletionReport(images: 0, identities: 0, isErased: true)
        }
        if removal.state.plan.kind != .exact { forget() }
        let remark = try erase(removal.search)
        return DeletionReport(
            images: removal.ids.count, identities: removal.identities, isErased: remark == nil, remark: remark
        )
    }

    private func remove(
        _ selection: GallerySelection, _ removal: inout Removal, _ connection: SQLiteConnection
    ) throws(GalleryError) {
        let clause = selection.clause
        var ids: [Int64] = []
        try connection.each("SELECT id FROM images WHERE \(clause.sql) ORDER BY id", [clause.value]) {
            (row: SQLiteRow) throws(GalleryError) in ids.append(row.integer(0))
        }
        guard !ids.isEmpty else { return }
        removal.ids = ids
        let deletion = removal.state.deletions + 1
        for id in ids {
            removal.rows &-= try rowDigest(id, connection)
            try note(id, &removal, connection)
            // Attributes, embedding and thumbnail go with it.
            try connection.run("DELETE FROM images WHERE id = ?", [.integer(id)])
            try connection.run(
                "INSERT INTO deleted (image, deletion) VALUES (?, ?)", [.integer(id), .integer(deletion)])
        }
        removal.identities = try connection.run(
            "DELETE FROM identities WHERE NOT EXISTS (SELECT 1 FROM images WHERE identity = identities.id)")
        try advance(connection, vectors: removal.vectors, rows: removal.rows, deletions: 1)
    }

    /// Notes what must not be found afterwards.
    private func note(
        _ id: Int64, _ removal: inout Removal, _ connection: SQLiteConnection
    ) throws(GalleryError) {
        let columns: [(ErasureSearch.Kind, String)] = [
            (.embedding, "SELECT vector FROM embeddings WHERE image = ?"),
            (.thumbnail, "SELECT jpeg FROM thumbnails WHERE image = ?"),
            (.hash, "SELECT sha256 FROM images WHERE id = ?"),
            (.path, "SELECT path FROM images WHERE id = ?"),
        ]
        for (kind, sql) in columns {
            try connection.each(sql, [.integer(id)]) { (row: SQLiteRow) throws(GalleryError) in
                removal.search.add(kind, row.blob(0))
                if kind == .embedding { removal.vectors &-= RowDigest.vector(id, row.blob(0)) }
            }
        }
    }

    /// Takes what was deleted out of the index and its file.
    private func forget() {
        do throws(GalleryError) {
            try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
                try index.refresh(to: try state(connection), connection)
                try index.save(connection)
            }
        } catch {
            // Without its file the index is made anew; nothing of the deleted may stay in it.
            unlink(IndexFile.path(of: location))
        }
    }

    /// Wipes what SQLite keeps of deleted rows, and looks whether anything is left.
    /// - Returns: what is left and why; nil when nothing is.
    private func erase(_ search: ErasureSearch) throws(GalleryError) -> String? {
        var search = search
        guard try emptyLog() else {
            return
                "another process was reading, so that the log \(location)-wal could not be emptied; the next deletion, or closing the gallery everywhere, empties it"
        }
        guard try isAnythingLeft(&search) else { return nil }
        // Rows that moved between pages leave copies in gaps; writing the database anew leaves them behind.
        try maintain { (connection: SQLiteConnection) throws(GalleryError) in
            try connection.execute("VACUUM")
        }
        guard try emptyLog() else {
            return "another process was reading, so that the log \(location)-wal could not be emptied"
        }
        let left = try search.found(in: files)
        guard !left.isEmpty else { return nil }
        return
            "\(left.count) pieces of deleted data are still in \(location); export the gallery and import it anew"
    }

    /// Moves the log into the database.
    /// - Returns: whether it is empty now.
    private func emptyLog() throws(GalleryError) -> Bool {
        try maintain { (connection: SQLiteConnection) throws(GalleryError) in
            do throws(GalleryError) {
                return try connection.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0
            } catch {
                if case .busy = error { return false }
                throw error
            }
        }
    }

    /// Whether the files hold pieces of what no other entry has. Pieces of what others have are dropped from the search: the
    /// same photo may show somebody else too.
    private func isAnythingLeft(_ search: inout ErasureSearch) throws(GalleryError) -> Bool {
        while true {
            let found = try search.found(in: files)
            if found.isEmpty { return false }
            var shared: [ErasureSearch.Piece] = []
            try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
                for piece in found where try isShared(piece, connection) { shared.append(piece) }
            }
            if shared.count < found.count { return true }
            search.remove(shared)
        }
    }

    private func isShared(
        _ piece: ErasureSearch.Piece, _ connection: SQLiteConnection
    ) throws(GalleryError) -> Bool {
        let (table, column) =
            switch piece.kind {
            case .embedding: ("embeddings", "vector")
            case .thumbnail: ("thumbnails", "jpeg")
            case .hash: ("images", "CAST(sha256 AS BLOB)")
            case .path: ("images", "CAST(path AS BLOB)")
            }
        let sql = "SELECT EXISTS (SELECT 1 FROM \(table) WHERE instr(\(column), ?) > 0)"
        return try connection.integer(sql, [.blob(piece.bytes)]) != 0
    }
}

extension GallerySelection {
    /// As a condition of SQL on the table `images`.
    var clause: (sql: String, value: SQLiteValue) {
        switch self {
        case .person(let name):
            ("identity = (SELECT id FROM identities WHERE name = ?)", .text(name))
        case .image(let id): ("id = ?", .integer(id))
        case .path(let path): ("path = ?", .text(path))
        case .before(let date): ("ifnull(time, added) < ?", .integer(date.microseconds))
        }
    }

    /// For the audit log, which holds no names.
    var auditText: String {
        switch self {
        case .person: "person"
        case .image: "image"
        case .path: "path"
        case .before: "time"
        }
    }
}
