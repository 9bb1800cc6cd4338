import Foundation

extension PostgresGallery {
    /// Columns of an entry, in the order in which `entry(_:_:)` reads them.
    static let columns = """
        images.id, identities.name, images.path, images.sha256, images.camera, images.time, images.box, images.added,
        (SELECT json_object_agg(attributes.name, attributes.value) FROM attributes WHERE attributes.image = images.id)
        """

    static func entry(_ rows: PostgresRows, _ row: Int) -> GalleryEntry {
        let attributes = rows.text(row, 8).flatMap {
            try? JSONDecoder().decode([String: String].self, from: Data($0.utf8))
        }
        return GalleryEntry(
            id: rows.integer(row, 0) ?? 0, identity: rows.text(row, 1), path: rows.text(row, 2) ?? "",
            sha256: rows.text(row, 3) ?? "", camera: rows.integer(row, 4).map { Int($0) },
            time: rows.integer(row, 5).map { Date(microseconds: $0) },
            box: rows.text(row, 6).map { $0.split(separator: ",").compactMap { Int($0) } },
            attributes: attributes ?? [:], addedAt: Date(microseconds: rows.integer(row, 7) ?? 0))
    }

    public func entry(_ id: Int64) throws(GalleryError) -> GalleryEntry? {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            let rows = try connection.run(
                """
                SELECT \(Self.columns) FROM images LEFT JOIN identities ON identities.id = images.identity
                WHERE images.id = $1
                """, ["\(id)"])
            return rows.count == 0 ? nil : Self.entry(rows, 0)
        }
    }

    public func thumbnail(_ id: Int64) throws(GalleryError) -> [UInt8]? {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            let rows = try connection.run("SELECT jpeg FROM thumbnails WHERE image = $1", ["\(id)"])
            return rows.count == 0 ? nil : rows.bytes(0, 0)
        }
    }

    public func find(
        _ filter: GalleryFilter, top: Int, offset: Int, actor: String
    ) throws(GalleryError) -> [GalleryEntry] {
        guard top >= 0, offset >= 0 else {
            throw .invalidArgument("a page needs a length and a start from 0; given \(top) and \(offset)")
        }
        let clause = try PostgresFilter(filter, after: ["\(top)", "\(offset)"])
        return try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            let rows = try connection.run(
                """
                SELECT \(Self.columns) FROM images LEFT JOIN identities ON identities.id = images.identity
                WHERE \(clause.sql) ORDER BY images.id LIMIT $1::bigint OFFSET $2::bigint
                """, clause.values)
            let found = (0..<rows.count).map { Self.entry(rows, $0) }
            try Self.note(
                .find, ["conditions": filter.auditText, "top": "\(top)", "found": "\(found.count)"], actor,
                connection)
            return found
        }
    }

    public func records(after id: Int64, limit: Int) throws(GalleryError) -> [GalleryRecord] {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            let rows = try connection.run(
                """
                SELECT \(Self.columns), embeddings.vector, thumbnails.jpeg FROM images
                LEFT JOIN identities ON identities.id = images.identity
                LEFT JOIN embeddings ON embeddings.image = images.id
                LEFT JOIN thumbnails ON thumbnails.image = images.id
                WHERE images.id > $1 ORDER BY images.id LIMIT $2
                """, ["\(id)", "\(max(0, limit))"])
            return (0..<rows.count).map {
                GalleryRecord(
                    entry: Self.entry(rows, $0), embedding: rows.vector($0, 9), thumbnail: rows.bytes($0, 10))
            }
        }
    }

    public func known(_ sha256s: [String]) throws(GalleryError) -> Set<String> {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            let rows = try connection.run(
                """
                SELECT value FROM json_array_elements_text($1::json) AS given (value)
                WHERE EXISTS (SELECT 1 FROM images WHERE sha256 = lower(value))
                """, [try GalleryJSON.text(sha256s)])
            return Set((0..<rows.count).compactMap { rows.text($0, 0) })
        }
    }

    public func attributes() throws(GalleryError) -> [String: [String: Int]] {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            let rows = try connection.run("SELECT name, value, count(*) FROM attributes GROUP BY name, value")
            var found: [String: [String: Int]] = [:]
            for row in 0..<rows.count {
                guard let name = rows.text(row, 0), let value = rows.text(row, 1) else { continue }
                found[name, default: [:]][value] = Int(rows.integer(row, 2) ?? 0)
            }
            return found
        }
    }

    public func statistics() throws(GalleryError) -> GalleryStatistics {
        try pool.reading { (connection: PostgresConnection) throws(GalleryError) in
            let rows = try connection.run(
                """
                SELECT count(*), count(DISTINCT identity), count(*) - count(identity), min(time), max(time),
                (SELECT count(*) FROM thumbnails),
                (SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1))
                FROM images
                """, [name])
            let byCamera = try connection.run(
                "SELECT camera, count(*) FROM images WHERE camera IS NOT NULL GROUP BY camera")
            var cameras: [Int: Int] = [:]
            for row in 0..<byCamera.count {
                cameras[Int(byCamera.integer(row, 0) ?? 0)] = Int(byCamera.integer(row, 1) ?? 0)
            }
            func number(_ column: Int32) -> Int { Int(rows.integer(0, column) ?? 0) }
            return GalleryStatistics(
                kind: kind, model: model, location: location, schemaVersion: PostgresSchema.version,
                images: number(0), identities: number(1), unidentified: number(2), cameras: cameras,
                earliest: rows.integer(0, 3).map { Date(microseconds: $0) },
                latest: rows.integer(0, 4).map { Date(microseconds: $0) }, thumbnails: number(5),
                bytes: rows.integer(0, 6) ?? 0, index: try plan(connection).summary)
        }
    }
}
