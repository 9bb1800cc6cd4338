extension AttributeFile {
    /// `person,hat,age` and one row per person. The classes of an attribute are the different values of its column, in ascending
    /// order (as numbers when all are), with two exceptions: `no` and `yes` (or 0 and 1, false and true) are absent and present in
    /// this order, and an empty value or `?` is unknown.
    static func csv(_ path: String) throws(ReIDError) -> (AttributeTable, [String]) {
        let table = try CSVTable(path: path)
        guard table.header.first == "person", table.header.count > 1 else {
            throw .data(
                path: path,
                reason:
                    "the header is '\(table.header.joined(separator: ","))', expected 'person' and the attributes' names"
            )
        }
        let names = table.header.dropFirst()
        guard Set(names).count == names.count, !names.contains("") else {
            throw .data(path: path, reason: "the header names an attribute twice, or not at all")
        }
        var people: [Int] = []
        var seen: Set<Int> = []
        for row in table.rows {
            guard let person = Int(row.values[0]) else {
                throw .data(
                    path: path, reason: "line \(row.line): person '\(row.values[0])', expected a number")
            }
            guard seen.insert(person).inserted else {
                throw .data(path: path, reason: "line \(row.line): person \(person) for the second time")
            }
            people.append(person)
        }
        var attributes: [AttributeSchema.Attribute] = []
        var columns: [[Int]] = []
        var notices: [String] = []
        for (column, name) in zip(1..., names) {
            let values = table.rows.map { $0.values[column] }
            guard let classes = classes(values) else {
                notices.append("column '\(name)' left out: it has fewer than two different values")
                continue
            }
            attributes.append(AttributeSchema.Attribute(name: name, classes: classes.names))
            columns.append(values.map { classes.index[$0] ?? AttributeTable.unknown })
        }
        guard !attributes.isEmpty else {
            throw .data(path: path, reason: "no column has two different values: there is nothing to learn")
        }
        var values: [Int: [Int]] = [:]
        for (row, person) in people.enumerated() { values[person] = columns.map { $0[row] } }
        return (try AttributeTable(schema: AttributeSchema(attributes), values: values), notices)
    }

    /// The classes of a column; nil when it tells nobody from anybody.
    private static func classes(_ values: [String]) -> (names: [String], index: [String: Int])? {
        let known = Set(values).subtracting(["", "?"])
        for pair in [["no", "yes"], ["0", "1"], ["false", "true"]] where known.isSubset(of: pair) {
            // One of the two is enough: a class that nobody here has is still a class.
            return known.isEmpty ? nil : (["no", "yes"], [pair[0]: 0, pair[1]: 1])
        }
        guard known.count > 1 else { return nil }
        let numbers = known.compactMap(Double.init)
        let names =
            numbers.count == known.count
            ? known.sorted { (Double($0) ?? 0, $0) < (Double($1) ?? 0, $1) } : known.sorted()
        return (names, Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) }))
    }
}
