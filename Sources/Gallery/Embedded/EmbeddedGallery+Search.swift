import Foundation

extension EmbeddedGallery {
    public func search(
        _ embedding: [Float], top: Int, filter: GalleryFilter, actor: String
    ) throws(GalleryError) -> [GalleryHit] {
        try NewGalleryEntry.check(embedding, of: "the query", dimension: model.dimension)
        guard top >= 1 else { throw .invalidArgument("a search needs at least one result; given \(top)") }
        let clause = try FilterClause(filter)
        let hits = try search(embedding, top, clause)
        try note(
            .search, ["conditions": filter.auditText, "top": "\(top)", "found": "\(hits.count)"], actor)
        return hits
    }

    private func search(
        _ embedding: [Float], _ top: Int, _ clause: FilterClause
    ) throws(GalleryError) -> [GalleryHit] {
        // Another thread may bring the vectors in memory further than the state that is read here. What it added is then not
        // found in that state; a new one has it.
        for _ in 0..<100 {
            let found = try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
                try index.refresh(to: try state(connection), connection)
                var chosen: [Int64]?
                if !clause.isEmpty {
                    var ids: [Int64] = []
                    try connection.each(
                        "SELECT id FROM images WHERE \(clause.sql) ORDER BY id", clause.values
                    ) {
                        (row: SQLiteRow) throws(GalleryError) in ids.append(row.integer(0))
                    }
                    chosen = ids
                }
                return try hits(
                    try index.nearest(embedding, top: top, among: chosen, connection), connection)
            }
            if let found { return found }
        }
        throw .busy(path: location)
    }

    /// - Returns: nil when one is not in the state that is read.
    private func hits(
        _ neighbours: [Neighbour], _ connection: SQLiteConnection
    ) throws(GalleryError) -> [GalleryHit]? {
        var hits: [GalleryHit] = []
        for neighbour in neighbours {
            guard let entry = try Self.entry(neighbour.id, connection) else { return nil }
            hits.append(GalleryHit(entry: entry, similarity: neighbour.similarity, rank: hits.count + 1))
        }
        return hits
    }
}
