import Foundation

extension EmbeddedGallery {
    public func add(_ entries: [NewGalleryEntry], actor: String) throws(GalleryError) -> AddReport {
        for (position, entry) in entries.enumerated() {
            try entry.check(position, dimension: model.dimension)
        }
        guard !entries.isEmpty else { return AddReport(ids: [], duplicates: []) }
        return try write { (connection: SQLiteConnection) throws(GalleryError) in
            var report = AddReport(ids: [], duplicates: [])
            var (vectors, rows): (UInt64, UInt64) = (0, 0)
            for (position, entry) in entries.enumerated() {
                if let id = try duplicate(of: entry, connection) {
                    report.ids.append(id)
                    report.duplicates.append(position)
                    continue
                }
                let id = try insert(entry, connection)
                report.ids.append(id)
                vectors &+= entry.embedding.withUnsafeBytes { RowDigest.vector(id, $0) }
                rows &+= try rowDigest(id, connection)
            }
            try advance(connection, vectors: vectors, rows: rows)
            try Self.note(
                .add, ["images": "\(report.added)", "duplicates": "\(report.duplicates.count)"], actor,
                connection)
            return report
        }
    }

    private func duplicate(
        of entry: NewGalleryEntry, _ connection: SQLiteConnection
    ) throws(GalleryError) -> Int64? {
        try connection.first(
            "SELECT id FROM images WHERE sha256 = ? AND ifnull(box, '') = ?",
            [.text(entry.sha256.lowercased()), .text(entry.boxText ?? "")]
        ) { (row: SQLiteRow) throws(GalleryError) in row.integer(0) }
    }

    private func insert(
        _ entry: NewGalleryEntry, _ connection: SQLiteConnection
    ) throws(GalleryError) -> Int64 {
        var identity: Int64?
        if let name = entry.identity {
            try connection.run("INSERT OR IGNORE INTO identities (name) VALUES (?)", [.text(name)])
            identity = try connection.integer("SELECT id FROM identities WHERE name = ?", [.text(name)])
        }
        try connection.run(
            """
            INSERT INTO images (identity, path, sha256, camera, time, box, added) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                SQLiteValue(identity), .text(entry.path), .text(entry.sha256.lowercased()),
                SQLiteValue(entry.camera), SQLiteValue(entry.time?.microseconds), SQLiteValue(entry.boxText),
                .integer((entry.addedAt ?? Date()).microseconds),
            ])
        let id = connection.lastInsertedID
        for (name, value) in entry.attributes.sorted(by: { $0.key < $1.key }) {
            try connection.run(
                "INSERT INTO attributes (image, name, value) VALUES (?, ?, ?)",
                [.integer(id), .text(name), .text(value)])
        }
        try connection.run(
            "INSERT INTO embeddings (image, vector) VALUES (?, ?)",
            [.integer(id), .blob(entry.embedding.withUnsafeBytes { Array($0) })])
        if let thumbnail = entry.thumbnail {
            try connection.run(
                "INSERT INTO thumbnails (image, jpeg) VALUES (?, ?)", [.integer(id), .blob(thumbnail)])
        }
        return id
    }

    /// Counts a change, and keeps the sums of digests up to date.
    func advance(
        _ connection: SQLiteConnection, vectors: UInt64, rows: UInt64, deletions: Int64 = 0
    ) throws(GalleryError) {
        let state = try state(connection)
        try connection.run(
            """
            UPDATE gallery SET changes = changes + 1, deletions = deletions + ?, vector_digest = ?, row_digest = ?
            """,
            [
                .integer(deletions), .integer(Int64(bitPattern: state.vectorDigest &+ vectors)),
                .integer(Int64(bitPattern: state.rowDigest &+ rows)),
            ])
    }

    /// Of everything of an entry but its embedding, as it is in the database.
    func rowDigest(_ id: Int64, _ connection: SQLiteConnection) throws(GalleryError) -> UInt64 {
        guard let entry = try Self.entry(id, connection) else { return 0 }
        let thumbnail = try connection.first(
            "SELECT jpeg FROM thumbnails WHERE image = ?", [.integer(id)]
        ) { (row: SQLiteRow) throws(GalleryError) in Array(row.blob(0)) }
        return RowDigest.entry(entry, thumbnail: thumbnail)
    }
}
