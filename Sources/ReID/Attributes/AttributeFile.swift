/// A table of attributes as read from a file, with what was noticed.
struct AttributeFile {
    let path: String
    let table: AttributeTable
    /// What does not fit, in words.
    let notices: [String]

    /// - Throws: `ReIDError.data` for a file that is missing, unreadable or not such a table.
    init(path: String) throws(ReIDError) {
        self.path = path
        (table, notices) = try path.lowercased().hasSuffix(".mat") ? Self.mat(path) : Self.csv(path)
    }
}
