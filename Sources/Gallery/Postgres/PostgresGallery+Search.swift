import Foundation

extension PostgresGallery {
    public func search(
        _ embedding: [Float], top: Int, filter: GalleryFilter, actor: String
    ) throws(GalleryError) -> [GalleryHit] {
        try NewGalleryEntry.check(embedding, of: "the query", dimension: model.dimension)
        guard top >= 1 else { throw .invalidArgument("a search needs at least one result; given \(top)") }
        let hits = try pool.reading { (connection: PostgresConnection) throws(GalleryError) in
            let nearest = try nearest(embedding, top: top, filter, try plan(connection), connection)
            let rows = try connection.run(
                """
                SELECT \(Self.columns) FROM images LEFT JOIN identities ON identities.id = images.identity
                WHERE images.id IN (SELECT value::bigint FROM json_array_elements_text($1::json))
                """, [try GalleryJSON.text(nearest.map(\.id))])
            let entries = Dictionary(
                uniqueKeysWithValues: (0..<rows.count).map { row in
                    let entry = Self.entry(rows, row)
                    return (entry.id, entry)
                })
            return nearest.enumerated().compactMap { position, neighbour in
                entries[neighbour.id].map {
                    GalleryHit(entry: $0, similarity: neighbour.similarity, rank: position + 1)
                }
            }
        }
        try record(
            .search, detail: ["conditions": filter.auditText, "top": "\(top)", "found": "\(hits.count)"],
            actor: actor)
        return hits
    }

    /// With a filter every entry that matches is compared, so that it never costs results.
    func nearest(
        _ query: [Float], top: Int, _ filter: GalleryFilter, _ plan: PostgresPlan,
        _ connection: PostgresConnection
    ) throws(GalleryError) -> [Neighbour] {
        let isFiltered = try !PostgresFilter(filter).values.isEmpty
        guard plan.kind != .exact, !isFiltered, top <= 1000 else {
            return try exact(query, top: top, filter, connection)
        }
        let found = try approximate(query, top: top, plan, connection)
        if found.count < top { return try exact(query, top: top, filter, connection) }
        return found
    }

    func exact(
        _ query: [Float], top: Int, _ filter: GalleryFilter, _ connection: PostgresConnection
    ) throws(GalleryError) -> [Neighbour] {
        let clause = try PostgresFilter(filter, after: [Self.text(query), "\(top)"])
        // An ordered scan of a vector index would not be exact.
        try connection.execute("SET LOCAL enable_indexscan = off")
        defer { try? connection.execute("SET LOCAL enable_indexscan = on") }
        let rows = try connection.run(
            """
            SELECT embeddings.image, embeddings.vector <=> $1::vector AS distance
            FROM embeddings JOIN images ON images.id = embeddings.image
            WHERE \(clause.sql) ORDER BY distance, embeddings.image LIMIT $2::bigint
            """, clause.values)
        return neighbours(rows)
    }

    private func approximate(
        _ query: [Float], top: Int, _ plan: PostgresPlan, _ connection: PostgresConnection
    ) throws(GalleryError) -> [Neighbour] {
        let width = plan.kind == .hnsw ? min(1000, max(plan.width, top)) : plan.width
        try connection.run("SELECT set_config($1, $2, true)", [plan.setting, "\(width)"])
        if try canContinue(connection) {
            // Goes on where rows that were deleted leave too few.
            try connection.run(
                "SELECT set_config($1, 'relaxed_order', true)", ["\(plan.kind.rawValue).iterative_scan"])
        }
        try connection.execute("SET LOCAL enable_seqscan = off")
        let rows = try connection.run(
            """
            SELECT image, distance FROM
            (SELECT image, vector <=> $1::vector AS distance FROM embeddings ORDER BY vector <=> $1::vector LIMIT $2::bigint)
            AS near ORDER BY distance, image LIMIT $3::bigint
            """, [Self.text(query), "\(max(top, plan.kind == .hnsw ? width : top))", "\(top)"])
        try connection.execute("SET LOCAL enable_seqscan = on")
        return neighbours(rows)
    }

    /// Whether pgvector has iterative scans: from version 0.8.
    private func canContinue(_ connection: PostgresConnection) throws(GalleryError) -> Bool {
        let rows = try connection.run("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        let parts =
            (rows.count == 0 ? nil : rows.text(0, 0))?.split(separator: ".").compactMap { Int($0) } ?? []
        return parts.count >= 2 && (parts[0] > 0 || parts[1] >= 8)
    }

    private func neighbours(_ rows: PostgresRows) -> [Neighbour] {
        (0..<rows.count).map {
            Neighbour(id: rows.integer($0, 0) ?? 0, similarity: Float(1 - (rows.real($0, 1) ?? 2)))
        }
    }
}
