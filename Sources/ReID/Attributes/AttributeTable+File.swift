extension AttributeTable {
    /// Reads attributes of people: `.mat` of Market-1501 or DukeMTMC-reID, else CSV with the header `person,NAME,…`.
    /// - Throws: `ReIDError.data` for a file that is missing, unreadable or not such a table.
    public static func read(_ path: String) throws(ReIDError) -> AttributeTable {
        try AttributeFile(path: path).table
    }

    /// What is known of a person, by the attributes' names; empty for one who is not in the table.
    public func named(_ person: Int) -> [String: String] {
        var named: [String: String] = [:]
        for (attribute, value) in zip(schema.attributes, classes(of: person)) where value != Self.unknown {
            named[attribute.name] = attribute.classes[value]
        }
        return named
    }
}
