import Foundation

/// A small table of comma-separated values: a header, then rows of as many values. Values may be quoted; blank lines and lines
/// that begin with `#` are skipped.
package struct CSVTable {
    package let header: [String]
    package let rows: [(line: Int, values: [String])]

    /// - Throws: `ReIDError.data` for a file that cannot be read, has no header, or has a row of another length.
    package init(path: String) throws(ReIDError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .data(
                path: path,
                reason: FolderListing.exists(path) ? "cannot be read; check its permissions" : "no such file")
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw .data(path: path, reason: "is not UTF-8 text, expected comma-separated values")
        }
        var header: [String]?
        var rows: [(line: Int, values: [String])] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() {
            // Spreadsheets begin their files with a byte order mark.
            let line = line.drop { $0 == "\u{FEFF}" }
            guard !line.allSatisfy(\.isWhitespace), line.first != "#" else { continue }
            let values = Self.values(line)
            guard let known = header else {
                header = values
                continue
            }
            guard values.count == known.count else {
                throw .data(
                    path: path,
                    reason:
                        "line \(number + 1) has \(values.count) values, the header has \(known.count)")
            }
            rows.append((number + 1, values))
        }
        guard let header else { throw .data(path: path, reason: "is empty, expected a header and rows") }
        self.header = header
        self.rows = rows
    }

    private static func values(_ line: Substring) -> [String] {
        var values: [String] = []
        var value = ""
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                values.append(value)
                value = ""
            default: value.append(character)
            }
        }
        return (values + [value]).map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
