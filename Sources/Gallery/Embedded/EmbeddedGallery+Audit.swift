import Foundation

extension EmbeddedGallery {
    public func audit(after id: Int64, limit: Int) throws(GalleryError) -> [AuditRecord] {
        try readers.reading { (connection: SQLiteConnection) throws(GalleryError) in
            var records: [AuditRecord] = []
            let sql = "SELECT id, time, actor, action, detail FROM audit WHERE id > ? ORDER BY id LIMIT ?"
            try connection.each(sql, [.integer(id), SQLiteValue(max(0, limit))]) {
                (row: SQLiteRow) throws(GalleryError) in
                guard let action = AuditRecord.Action(rawValue: row.text(3)),
                    let detail = try? JSONDecoder().decode(
                        [String: String].self, from: Data(row.text(4).utf8))
                else { throw .corrupt(path: location, reason: "record \(row.integer(0)) of the audit log") }
                records.append(
                    AuditRecord(
                        id: row.integer(0), time: Date(microseconds: row.integer(1)), actor: row.text(2),
                        action: action, detail: detail))
            }
            return records
        }
    }

    public func record(
        _ action: AuditRecord.Action, detail: [String: String], actor: String
    ) throws(GalleryError) {
        try note(action, detail, actor)
    }

    /// Writes to the audit log as part of a transaction.
    static func note(
        _ action: AuditRecord.Action, _ detail: [String: String], _ actor: String,
        _ connection: SQLiteConnection
    ) throws(GalleryError) {
        try connection.run(
            "INSERT INTO audit (time, actor, action, detail) VALUES (?, ?, ?, ?)",
            [
                .integer(Date().microseconds), .text(actor), .text(action.rawValue),
                .text(try GalleryJSON.text(detail)),
            ])
    }
}

/// JSON as galleries keep it.
enum GalleryJSON {
    static func text(_ value: some Encodable) throws(GalleryError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            throw .invalidArgument("a value cannot be written as JSON")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

extension GalleryFilter {
    /// Which kinds of condition there are, for the audit log: it must not say of whom.
    var auditText: String {
        var names: [String] = []
        if identities?.isEmpty == false { names.append("identity") }
        if cameras?.isEmpty == false { names.append("camera") }
        if after != nil { names.append("after") }
        if before != nil { names.append("before") }
        if !attributes.isEmpty { names.append("attributes") }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}
