/// A filter as a condition of SQL on the table `images`, with its values.
struct FilterClause {
    private(set) var sql: String
    private(set) var values: [SQLiteValue] = []

    init(_ filter: GalleryFilter) throws(GalleryError) {
        var conditions: [String] = []
        // Lists go in as one JSON value each, however long they are.
        if let identities = filter.identities, !identities.isEmpty {
            conditions.append(
                "identity IN (SELECT id FROM identities WHERE name IN (SELECT value FROM json_each(?)))")
            values.append(.text(try GalleryJSON.text(identities)))
        }
        if let cameras = filter.cameras, !cameras.isEmpty {
            conditions.append("camera IN (SELECT value FROM json_each(?))")
            values.append(.text(try GalleryJSON.text(cameras)))
        }
        if let after = filter.after {
            conditions.append("time >= ?")
            values.append(.integer(after.microseconds))
        }
        if let before = filter.before {
            conditions.append("time < ?")
            values.append(.integer(before.microseconds))
        }
        for attribute in filter.attributes {
            conditions.append("id IN (SELECT image FROM attributes WHERE name = ? AND value = ?)")
            values += [.text(attribute.name), .text(attribute.value)]
        }
        sql = conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND ")
    }

    var isEmpty: Bool { values.isEmpty }
}
