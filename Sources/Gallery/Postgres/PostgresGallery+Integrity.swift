import Foundation

extension PostgresGallery {
    public func checkIntegrity() throws(GalleryError) -> IntegrityReport {
        var (vectors, entries): (UInt64, UInt64) = (0, 0)
        var (count, broken, lacking): (Int, [Int64], [Int64]) = (0, [], [])
        var report = IntegrityReport(checks: [])
        try write { (connection: PostgresConnection) throws(GalleryError) in
            // Additions wait meanwhile, so that pages of records fit together.
            var last: Int64 = 0
            var samples: [(id: Int64, vector: [Float])] = []
            while true {
                let records = try records(after: last, limit: 500)
                for record in records {
                    count += 1
                    last = record.entry.id
                    entries &+= RowDigest.entry(record.entry, thumbnail: record.thumbnail)
                    guard !record.embedding.isEmpty else {
                        lacking.append(record.entry.id)
                        continue
                    }
                    vectors &+= record.embedding.withUnsafeBytes { RowDigest.vector(record.entry.id, $0) }
                    if (try? NewGalleryEntry.check(record.embedding, of: "", dimension: model.dimension))
                        == nil
                    {
                        broken.append(record.entry.id)
                    }
                }
                // The first of each page are looked for afterwards.
                samples += records.prefix(10).filter { !$0.embedding.isEmpty }.map {
                    ($0.entry.id, $0.embedding)
                }
                if records.count < 500 { break }
            }
            let expected = try digests(connection)
            var faults =
                entries == expected.rows ? [] : ["rows were changed, lost or added by another program"]
            let lonely =
                try connection.run(
                    """
                    SELECT count(*) FROM identities WHERE NOT EXISTS
                    (SELECT 1 FROM images WHERE images.identity = identities.id)
                    """
                ).integer(0, 0) ?? 0
            if lonely > 0 { faults.append("\(lonely) people without an image") }
            report.checks.append(check("entries", faults, "\(count) entries as they were added"))
            faults = []
            if let first = broken.first {
                faults.append("\(broken.count) embeddings of a wrong length, the first of entry \(first)")
            }
            if let first = lacking.first {
                faults.append("\(lacking.count) entries without an embedding, the first is \(first)")
            }
            if vectors != expected.vectors {
                faults.append("embeddings were changed, lost or added by another program")
            }
            report.checks.append(
                check("embeddings", faults, "\(count) of \(model.dimension) values, as they were added"))
            report.checks.append(try checkIndex(connection))
            report.checks.append(try checkSearch(Array(samples.prefix(100)), connection))
        }
        return report
    }

    private func check(_ name: String, _ faults: [String], _ sound: String) -> IntegrityReport.Check {
        .init(
            name: name, isSound: faults.isEmpty,
            detail: faults.isEmpty ? sound : faults.joined(separator: "; "))
    }

    private func checkIndex(_ connection: PostgresConnection) throws(GalleryError) -> IntegrityReport.Check {
        let plan = try plan(connection)
        let rows = try connection.run(
            """
            SELECT amname, indisvalid::integer FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            JOIN pg_am ON pg_am.oid = relam
            WHERE relname = 'embeddings_near' AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
            """, [name])
        guard plan.kind != .exact else {
            return check("index", [], "none is needed: every vector is compared")
        }
        let isThere = rows.count == 1 && rows.text(0, 0) == plan.kind.rawValue && rows.integer(0, 1) == 1
        return check(
            "index",
            isThere
                ? [] : ["the \(plan.kind.rawValue) index is missing or invalid; 'optimise' makes it anew"],
            plan.kind.rawValue)
    }

    /// Each must find itself, or what is as similar.
    private func checkSearch(
        _ samples: [(id: Int64, vector: [Float])], _ connection: PostgresConnection
    ) throws(GalleryError) -> IntegrityReport.Check {
        let plan = try plan(connection)
        var lost = 0
        for sample in samples {
            let best = try nearest(sample.vector, top: 1, .init(), plan, connection).first
            if best.map({ $0.similarity < 1 - 1e-4 }) ?? true { lost += 1 }
        }
        let text = "\(samples.count - lost) of \(samples.count) sampled entries found by their own embedding"
        return check("search", lost <= (plan.kind == .exact ? 0 : samples.count / 10) ? [] : [text], text)
    }
}
