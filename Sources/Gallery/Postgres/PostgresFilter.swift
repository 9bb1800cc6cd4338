/// A filter as a condition of SQL on the table `images`, with its parameters.
struct PostgresFilter {
    private(set) var sql = "TRUE"
    private(set) var values: [String?]

    /// - Parameter first: parameters that come before.
    init(_ filter: GalleryFilter, after first: [String?] = []) throws(GalleryError) {
        values = first
        var conditions: [String] = []
        func parameter(_ value: String) -> String {
            values.append(value)
            return "$\(values.count)"
        }
        if let identities = filter.identities, !identities.isEmpty {
            let list = parameter(try GalleryJSON.text(identities))
            conditions.append(
                "images.identity IN (SELECT id FROM identities WHERE name IN (SELECT json_array_elements_text(\(list)::json)))"
            )
        }
        if let cameras = filter.cameras, !cameras.isEmpty {
            let list = parameter(try GalleryJSON.text(cameras))
            conditions.append(
                "images.camera IN (SELECT value::bigint FROM json_array_elements_text(\(list)::json))")
        }
        if let after = filter.after {
            conditions.append("images.time >= \(parameter("\(after.microseconds)"))::bigint")
        }
        if let before = filter.before {
            conditions.append("images.time < \(parameter("\(before.microseconds)"))::bigint")
        }
        for attribute in filter.attributes {
            let (name, value) = (parameter(attribute.name), parameter(attribute.value))
            conditions.append(
                "images.id IN (SELECT image FROM attributes WHERE name = \(name) AND value = \(value))")
        }
        if !conditions.isEmpty { sql = conditions.joined(separator: " AND ") }
    }
}
