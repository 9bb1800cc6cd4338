import Foundation

extension PostgresGallery {
    public func add(_ entries: [NewGalleryEntry], actor: String) throws(GalleryError) -> AddReport {
        for (position, entry) in entries.enumerated() {
            try entry.check(position, dimension: model.dimension)
        }
        guard !entries.isEmpty else { return AddReport(ids: [], duplicates: []) }
        return try write { (connection: PostgresConnection) throws(GalleryError) in
            var report = AddReport(ids: [], duplicates: [])
            var (vectors, rows): (UInt64, UInt64) = (0, 0)
            for (position, entry) in entries.enumerated() {
                let same = try connection.run(
                    "SELECT id FROM images WHERE sha256 = $1 AND coalesce(box, '') = $2",
                    [entry.sha256.lowercased(), entry.boxText ?? ""])
                if let id = same.count == 0 ? nil : same.integer(0, 0) {
                    report.ids.append(id)
                    report.duplicates.append(position)
                    continue
                }
                let added = try insert(entry, connection)
                report.ids.append(added.id)
                vectors &+= entry.embedding.withUnsafeBytes { RowDigest.vector(added.id, $0) }
                rows &+= RowDigest.entry(added, thumbnail: entry.thumbnail)
            }
            try advance(connection, vectors: vectors, rows: rows)
            try Self.note(
                .add, ["images": "\(report.added)", "duplicates": "\(report.duplicates.count)"], actor,
                connection)
            return report
        }
    }

    /// - Returns: the entry as it is kept.
    private func insert(
        _ entry: NewGalleryEntry, _ connection: PostgresConnection
    ) throws(GalleryError) -> GalleryEntry {
        if let name = entry.identity {
            try connection.run(
                "INSERT INTO identities (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [name])
        }
        let added = (entry.addedAt ?? Date()).microseconds
        let rows = try connection.run(
            """
            INSERT INTO images (identity, path, sha256, camera, time, box, added)
            VALUES ((SELECT id FROM identities WHERE name = $1), $2, $3, $4, $5, $6, $7) RETURNING id
            """,
            [
                entry.identity, entry.path, entry.sha256.lowercased(), entry.camera.map(String.init),
                entry.time.map { String($0.microseconds) }, entry.boxText, "\(added)",
            ])
        guard let id = rows.integer(0, 0) else {
            throw .storage(path: location, reason: "the server gave a new entry no id")
        }
        if !entry.attributes.isEmpty {
            try connection.run(
                "INSERT INTO attributes (image, name, value) SELECT $1, key, value FROM json_each_text($2)",
                ["\(id)", try GalleryJSON.text(entry.attributes)])
        }
        try connection.run(
            "INSERT INTO embeddings (image, vector) VALUES ($1, $2::vector)",
            ["\(id)", Self.text(entry.embedding)])
        if let thumbnail = entry.thumbnail {
            try connection.run(
                "INSERT INTO thumbnails (image, jpeg) VALUES ($1, decode($2, 'base64'))",
                ["\(id)", Data(thumbnail).base64EncodedString()])
        }
        return GalleryEntry(
            id: id, identity: entry.identity, path: entry.path, sha256: entry.sha256.lowercased(),
            camera: entry.camera, time: entry.time, box: entry.box, attributes: entry.attributes,
            addedAt: Date(microseconds: added))
    }

    /// Keeps the sums of digests up to date.
    func advance(
        _ connection: PostgresConnection, vectors: UInt64, rows: UInt64
    ) throws(GalleryError) {
        let now = try digests(connection)
        try connection.run(
            "UPDATE gallery SET vector_digest = $1, row_digest = $2",
            [
                "\(Int64(bitPattern: now.vectors &+ vectors))", "\(Int64(bitPattern: now.rows &+ rows))",
            ])
    }

    func digests(_ connection: PostgresConnection) throws(GalleryError) -> (vectors: UInt64, rows: UInt64) {
        let found = try connection.run("SELECT vector_digest, row_digest FROM gallery")
        guard found.count == 1, let vectors = found.integer(0, 0), let rows = found.integer(0, 1) else {
            throw .corrupt(path: location, reason: "it does not say what it holds")
        }
        return (UInt64(bitPattern: vectors), UInt64(bitPattern: rows))
    }

    /// The shortest digits that give the same floats again.
    static func text(_ vector: [Float]) -> String {
        "[" + vector.map { "\($0)" }.joined(separator: ",") + "]"
    }
}
