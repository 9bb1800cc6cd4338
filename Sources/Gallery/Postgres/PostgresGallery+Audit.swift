import Foundation

extension PostgresGallery {
    public func audit(after id: Int64, limit: Int) throws(GalleryError) -> [AuditRecord] {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            let rows = try connection.run(
                "SELECT id, time, actor, action, detail FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
                ["\(id)", "\(max(0, limit))"])
            var records: [AuditRecord] = []
            for row in 0..<rows.count {
                guard let id = rows.integer(row, 0), let time = rows.integer(row, 1),
                    let action = rows.text(row, 3).flatMap(AuditRecord.Action.init(rawValue:)),
                    let text = rows.text(row, 4),
                    let detail = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
                else { throw .corrupt(path: location, reason: "a record of the audit log cannot be read") }
                records.append(
                    AuditRecord(
                        id: id, time: Date(microseconds: time), actor: rows.text(row, 2) ?? "",
                        action: action,
                        detail: detail))
            }
            return records
        }
    }

    public func record(
        _ action: AuditRecord.Action, detail: [String: String], actor: String
    ) throws(GalleryError) {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            try Self.note(action, detail, actor, connection)
        }
    }

    static func note(
        _ action: AuditRecord.Action, _ detail: [String: String], _ actor: String,
        _ connection: PostgresConnection
    ) throws(GalleryError) {
        try connection.run(
            "INSERT INTO audit (time, actor, action, detail) VALUES ($1, $2, $3, $4)",
            ["\(Date().microseconds)", actor, action.rawValue, try GalleryJSON.text(detail)])
    }
}
