import Foundation

extension EmbeddedGallery {
    public func entry(_ id: Int64) throws(GalleryError) -> GalleryEntry? {
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            try Self.entry(id, connection)
        }
    }

    public func thumbnail(_ id: Int64) throws(GalleryError) -> [UInt8]? {
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            try connection.first("SELECT jpeg FROM thumbnails WHERE image = ?", [.integer(id)]) {
                (row: SQLiteRow) throws(GalleryError) in Array(row.blob(0))
            }
        }
    }

    public func find(
        _ filter: GalleryFilter, top: Int, offset: Int, actor: String
    ) throws(GalleryError) -> [GalleryEntry] {
        guard top >= 0, offset >= 0 else {
            throw .invalidArgument("a page needs a length and a start from 0; given \(top) and \(offset)")
        }
        let clause = try FilterClause(filter)
        let found = try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            var ids: [Int64] = []
            try connection.each(
                "SELECT id FROM images WHERE \(clause.sql) ORDER BY id LIMIT ? OFFSET ?",
                clause.values + [SQLiteValue(top), SQLiteValue(offset)]
            ) { (row: SQLiteRow) throws(GalleryError) in ids.append(row.integer(0)) }
            var entries: [GalleryEntry] = []
            for id in ids {
                if let entry = try Self.entry(id, connection) { entries.append(entry) }
            }
            return entries
        }
        try note(
            .find, ["conditions": filter.auditText, "top": "\(top)", "found": "\(found.count)"], actor)
        return found
    }

    public func records(after id: Int64, limit: Int) throws(GalleryError) -> [GalleryRecord] {
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            var found: [(Int64, [Float], [UInt8]?)] = []
            let sql = """
                SELECT embeddings.image, vector, jpeg FROM embeddings
                LEFT JOIN thumbnails ON thumbnails.image = embeddings.image
                WHERE embeddings.image > ? ORDER BY embeddings.image LIMIT ?
                """
            try connection.each(sql, [.integer(id), SQLiteValue(max(0, limit))]) {
                (row: SQLiteRow) throws(GalleryError) in
                found.append(
                    (row.integer(0), Self.floats(row.blob(1)), row.isNull(2) ? nil : Array(row.blob(2))))
            }
            var records: [GalleryRecord] = []
            for (id, embedding, thumbnail) in found {
                guard let entry = try Self.entry(id, connection) else {
                    throw .corrupt(path: location, reason: "embedding \(id) belongs to no image")
                }
                records.append(GalleryRecord(entry: entry, embedding: embedding, thumbnail: thumbnail))
            }
            return records
        }
    }

    public func attributes() throws(GalleryError) -> [String: [String: Int]] {
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            var found: [String: [String: Int]] = [:]
            try connection.each("SELECT name, value, count(*) FROM attributes GROUP BY name, value") {
                (row: SQLiteRow) throws(GalleryError) in
                found[row.text(0), default: [:]][row.text(1)] = Int(row.integer(2))
            }
            return found
        }
    }

    public func known(_ sha256s: [String]) throws(GalleryError) -> Set<String> {
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            var found = Set<String>()
            for sum in sha256s {
                let count = try connection.integer(
                    "SELECT EXISTS (SELECT 1 FROM images WHERE sha256 = ?)", [.text(sum.lowercased())])
                if count != 0 { found.insert(sum) }
            }
            return found
        }
    }

    static func entry(_ id: Int64, _ connection: SQLiteConnection) throws(GalleryError) -> GalleryEntry? {
        let sql = """
            SELECT identities.name, path, sha256, camera, time, box, added FROM images
            LEFT JOIN identities ON identities.id = images.identity WHERE images.id = ?
            """
        var entry = try connection.first(sql, [.integer(id)]) { (row: SQLiteRow) throws(GalleryError) in
            GalleryEntry(
                id: id, identity: row.optionalText(0), path: row.text(1), sha256: row.text(2),
                camera: row.optionalInteger(3).map { Int($0) },
                time: row.optionalInteger(4).map { Date(microseconds: $0) },
                box: row.optionalText(5).map { $0.split(separator: ",").compactMap { Int($0) } },
                addedAt: Date(microseconds: row.integer(6)))
        }
        guard entry != nil else { return nil }
        try connection.each("SELECT name, value FROM attributes WHERE image = ?", [.integer(id)]) {
            (row: SQLiteRow) throws(GalleryError) in entry?.attributes[row.text(0)] = row.text(1)
        }
        return entry
    }

    static func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
        let count = bytes.count / MemoryLayout<Float>.stride
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count * MemoryLayout<Float>.stride)))
            initialised = count
        }
    }

    public func statistics() throws(GalleryError) -> GalleryStatistics {
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            var cameras: [Int: Int] = [:]
            try connection.each(
                "SELECT camera, count(*) FROM images WHERE camera IS NOT NULL GROUP BY camera"
            ) { (row: SQLiteRow) throws(GalleryError) in cameras[Int(row.integer(0))] = Int(row.integer(1)) }
            let images = Int(try connection.integer("SELECT count(*) FROM images"))
            let identities = Int(
                try connection.integer("SELECT count(DISTINCT identity) FROM images"))
            let unidentified = Int(
                try connection.integer("SELECT count(*) FROM images WHERE identity IS NULL"))
            let thumbnails = Int(try connection.integer("SELECT count(*) FROM thumbnails"))
            func time(_ sql: String) throws(GalleryError) -> Date? {
                try connection.first(sql) { (row: SQLiteRow) throws(GalleryError) in
                    row.optionalInteger(0).map { Date(microseconds: $0) }
                } ?? nil
            }
            let bytes = files.reduce(Int64(0)) { sum, file in
                let attributes = try? FileManager.default.attributesOfItem(atPath: file)
                return sum + ((attributes?[.size] as? NSNumber)?.int64Value ?? 0)
            }
            return GalleryStatistics(
                kind: kind, model: model, location: location, schemaVersion: GallerySchema.version,
                images: images, identities: identities, unidentified: unidentified, cameras: cameras,
                earliest: try time("SELECT min(time) FROM images"),
                latest: try time("SELECT max(time) FROM images"), thumbnails: thumbnails, bytes: bytes,
                index: index.summary(try state(connection), images: images))
        }
    }
}
