import Foundation

extension EmbeddedGallery {
    public func checkIntegrity() throws(GalleryError) -> IntegrityReport {
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            let state = try state(connection)
            return IntegrityReport(checks: [
                try checkDatabase(connection), try checkRows(state, connection),
                try checkVectors(state, connection), try checkIndexFile(state, connection),
                try checkSearch(state, connection), checkFolder(),
            ])
        }
    }

    private typealias Check = IntegrityReport.Check

    private func checkDatabase(_ connection: SQLiteConnection) throws(GalleryError) -> Check {
        var faults: [String] = []
        do throws(GalleryError) {
            try connection.each("PRAGMA integrity_check(10)") { (row: SQLiteRow) throws(GalleryError) in
                if row.text(0) != "ok" { faults.append(row.text(0)) }
            }
            try connection.each("PRAGMA foreign_key_check") { (row: SQLiteRow) throws(GalleryError) in
                faults.append("row \(row.integer(1)) of \(row.text(0)) belongs to nothing")
            }
        } catch {
            guard case .corrupt(_, let reason) = error else { throw error }
            faults.append(reason)
        }
        return Check(
            name: "database", isSound: faults.isEmpty,
            detail: faults.isEmpty
                ? "pages, indices and references" : faults.prefix(10).joined(separator: "; "))
    }

    private func checkRows(
        _ state: GalleryState, _ connection: SQLiteConnection
    ) throws(GalleryError) -> Check {
        var ids: [Int64] = []
        try connection.each("SELECT id FROM images ORDER BY id") { (row: SQLiteRow) throws(GalleryError) in
            ids.append(row.integer(0))
        }
        var digest: UInt64 = 0
        for id in ids { digest &+= try rowDigest(id, connection) }
        var faults: [String] = []
        if digest != state.rowDigest { faults.append("rows were changed, lost or added by another program") }
        let lonely = try connection.integer(
            "SELECT count(*) FROM identities WHERE NOT EXISTS (SELECT 1 FROM images WHERE identity = identities.id)"
        )
        if lonely > 0 { faults.append("\(lonely) people without an image") }
        return Check(
            name: "entries", isSound: faults.isEmpty,
            detail: faults.isEmpty
                ? "\(ids.count) entries as they were added" : faults.joined(separator: "; "))
    }

    private func checkVectors(
        _ state: GalleryState, _ connection: SQLiteConnection
    ) throws(GalleryError) -> Check {
        var digest: UInt64 = 0
        var (count, broken) = (0, [Int64]())
        try connection.each("SELECT image, vector FROM embeddings") {
            (row: SQLiteRow) throws(GalleryError) in
            count += 1
            digest &+= RowDigest.vector(row.integer(0), row.blob(1))
            let vector = Self.floats(row.blob(1))
            if (try? NewGalleryEntry.check(vector, of: "", dimension: model.dimension)) == nil {
                broken.append(row.integer(0))
            }
        }
        var faults: [String] = []
        if let first = broken.first {
            faults.append("\(broken.count) embeddings of a wrong length, the first of entry \(first)")
        }
        let lacking = try connection.integer(
            "SELECT count(*) FROM images WHERE NOT EXISTS (SELECT 1 FROM embeddings WHERE image = images.id)")
        if lacking > 0 { faults.append("\(lacking) entries without an embedding") }
        if digest != state.vectorDigest {
            faults.append("embeddings were changed, lost or added by another program")
        }
        return Check(
            name: "embeddings", isSound: faults.isEmpty,
            detail: faults.isEmpty
                ? "\(count) of \(model.dimension) values, as they were added" : faults.joined(separator: "; ")
        )
    }

    private func checkIndexFile(
        _ state: GalleryState, _ connection: SQLiteConnection
    ) throws(GalleryError) -> Check {
        func report(_ detail: String, _ isSound: Bool) -> Check {
            Check(name: "index file", isSound: isSound, detail: detail)
        }
        guard state.plan.kind != .exact else {
            return report("none is needed: every vector is compared", true)
        }
        let file: IndexFile?
        do throws(GalleryError) {
            file = try IndexFile.read(IndexFile.path(of: location))
            guard let file else { return report("missing; it is made anew by 'optimise'", false) }
            switch file.header.kind {
            case .hnsw: _ = try file.graph()
            case .ivfpq: _ = try file.lists()
            case .exact: break
            }
        } catch { return report("\(error)", false) }
        guard let header = file?.header, header.gallery == state.uuid else {
            return report("of another gallery; 'optimise' makes it anew", false)
        }
        // The file is written before the database says that it is there: a process that is killed in between leaves it so.
        guard header.stamp == state.plan.stamp else {
            return report(
                "of an optimisation that was stopped before it was done; it is not used, and is made anew by 'optimise'",
                true)
        }
        var digest: UInt64 = 0
        var count = 0
        try connection.each(
            "SELECT image, vector FROM embeddings WHERE image <= ?", [.integer(header.lastID)]
        ) {
            (row: SQLiteRow) throws(GalleryError) in
            digest &+= RowDigest.vector(row.integer(0), row.blob(1))
            count += 1
        }
        if digest == header.digest, count == header.count {
            return report("\(header.kind.rawValue) over \(count) entries", true)
        }
        // Deletions since the file was made explain it: the process that deleted was stopped before it could write the file.
        return header.changes < state.changes
            ? report("older than the last deletion; it is not used, and is made anew by 'optimise'", true)
            : report(
                "knows \(header.count) entries, the database has others; 'optimise' makes it anew", false)
    }

    /// Searches for a sample of the gallery's own vectors: each must find itself, or what is as similar.
    private func checkSearch(
        _ state: GalleryState, _ connection: SQLiteConnection
    ) throws(GalleryError) -> Check {
        var ids: [Int64] = []
        try connection.each("SELECT image FROM embeddings ORDER BY image") {
            (row: SQLiteRow) throws(GalleryError) in ids.append(row.integer(0))
        }
        let sample = RecallMeasurement.positions(100, of: ids.count).map { ids[$0] }
        var lost = 0
        do throws(GalleryError) {
            try index.refresh(to: state, connection)
            for id in sample {
                let sql = "SELECT vector FROM embeddings WHERE image = ?"
                let vector = try connection.first(sql, [.integer(id)]) {
                    (row: SQLiteRow) throws(GalleryError) in Self.floats(row.blob(0))
                }
                guard let vector, vector.count == model.dimension else { continue }
                let own = vector.reduce(0) { $0 + $1 * $1 }
                let best = try index.nearest(vector, top: 1, among: nil, connection).first
                if best.map({ $0.similarity < min(1, own) - 1e-4 }) ?? true { lost += 1 }
            }
        } catch {
            guard case .index(let reason) = error else { throw error }
            return Check(name: "search", isSound: false, detail: reason)
        }
        // A graph may miss a few; that many is no longer chance.
        let isSound = lost <= (state.plan.kind == .exact ? 0 : sample.count / 10)
        return Check(
            name: "search", isSound: isSound,
            detail: "\(sample.count - lost) of \(sample.count) sampled entries found by their own embedding")
    }

    private func checkFolder() -> Check {
        let leftovers = Folder.leftovers(of: IndexFile.path(of: location), suffix: ".")
        return Check(
            name: "leftovers", isSound: leftovers.isEmpty,
            detail: leftovers.isEmpty
                ? "no unfinished files"
                : "\(leftovers.joined(separator: ", ")); opening the gallery removes them")
    }
}
