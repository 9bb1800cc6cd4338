import Foundation

extension PostgresGallery {
    /// Deletes rows and has the server clear them away. What the server keeps beyond its tables (its log, copies that it
    /// ships, backups) cannot be looked at from here, so the report never says that everything is erased.
    public func delete(_ selection: GallerySelection, actor: String) throws(GalleryError) -> DeletionReport {
        var (images, identities) = (0, 0)
        try write { (connection: PostgresConnection) throws(GalleryError) in
            let clause = selection.postgresClause
            let found = try connection.run(
                "SELECT id FROM images WHERE \(clause.sql) ORDER BY id", [clause.value])
            images = found.count
            if images > 0 {
                try connection.run(
                    "CREATE TEMPORARY TABLE leaving ON COMMIT DROP AS SELECT id FROM images WHERE FALSE")
                try connection.run(
                    "INSERT INTO leaving SELECT id FROM images WHERE \(clause.sql)", [clause.value])
                let (vectors, rows) = try leavingDigests(connection)
                // Attributes, embeddings and thumbnails go with them.
                try connection.run("DELETE FROM images WHERE id IN (SELECT id FROM leaving)")
                identities = try connection.run(
                    """
                    DELETE FROM identities WHERE NOT EXISTS
                    (SELECT 1 FROM images WHERE images.identity = identities.id)
                    """
                ).changed
                try advance(connection, vectors: 0 &- vectors, rows: 0 &- rows)
            }
            try Self.note(
                .delete, ["images": "\(images)", "identities": "\(identities)", "by": selection.auditText],
                actor,
                connection)
        }
        guard images > 0 else { return DeletionReport(images: 0, identities: 0, isErased: true) }
        try clear()
        return DeletionReport(
            images: images, identities: identities, isErased: false,
            remark:
                "the rows are gone and their space is free, but the server may keep copies in free space, in its write-ahead log and in backups; its administrator can rewrite the tables (VACUUM FULL) and let the log run out"
        )
    }

    private func leavingDigests(
        _ connection: PostgresConnection
    ) throws(GalleryError) -> (vectors: UInt64, rows: UInt64) {
        var (vectors, digests): (UInt64, UInt64) = (0, 0)
        var last: Int64 = 0
        while true {
            let rows = try connection.run(
                """
                SELECT \(Self.columns), embeddings.vector, thumbnails.jpeg FROM images
                JOIN leaving ON leaving.id = images.id
                LEFT JOIN identities ON identities.id = images.identity
                LEFT JOIN embeddings ON embeddings.image = images.id
                LEFT JOIN thumbnails ON thumbnails.image = images.id
                WHERE images.id > $1 ORDER BY images.id LIMIT 500
                """, ["\(last)"])
            for row in 0..<rows.count {
                let entry = Self.entry(rows, row)
                digests &+= RowDigest.entry(entry, thumbnail: rows.bytes(row, 10))
                vectors &+= rows.vector(row, 9).withUnsafeBytes { RowDigest.vector(entry.id, $0) }
                last = entry.id
            }
            if rows.count < 500 { return (vectors, digests) }
        }
    }

    /// Takes dead rows out of tables and indices.
    private func clear() throws(GalleryError) {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            for table in ["images", "embeddings", "thumbnails", "attributes", "identities"] {
                try connection.execute("VACUUM \(table)")
            }
        }
    }
}

extension GallerySelection {
    /// As a condition of SQL on the table `images`.
    var postgresClause: (sql: String, value: String) {
        switch self {
        case .person(let name): ("identity = (SELECT id FROM identities WHERE name = $1)", name)
        case .image(let id): ("id = $1", "\(id)")
        case .path(let path): ("path = $1", path)
        case .before(let date): ("coalesce(time, added) < $1", "\(date.microseconds)")
        }
    }
}
