import Foundation

/// The lines of a list of pairs in columns, and which layout the first of them shows.
struct PairRows {
    enum Layout {
        /// A header, then "NAME n n" and "NAME n NAME n".
        case folds
        /// "NAME n n" and "NAME n NAME n".
        case names
        /// "FILE n", two lines a pair.
        case couples
        /// "FILE FILE 0|1".
        case labelled
    }

    struct Row {
        /// From 1.
        let line: Int
        let columns: [String]
    }

    let source: String
    /// Lines that are not blank.
    let rows: [Row]
    /// Nil when the first line fits none.
    let layout: Layout?

    init(text: String, source: String) {
        self.source = source
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var rows: [Row] = []
        for (index, line) in lines.enumerated() {
            let columns = Self.columns(line)
            if !columns.isEmpty { rows.append(Row(line: index + 1, columns: columns)) }
        }
        self.rows = rows
        layout = rows.first.flatMap { Self.layout($0.columns) }
    }

    private static func layout(_ first: [String]) -> Layout? {
        let numbers = first.map { Int($0) }
        if first.count == 1 || first.count == 2, numbers.allSatisfy({ ($0 ?? 0) > 0 }) { return .folds }
        if first.count == 2, isFile(first[0]), numbers[1] != nil { return .couples }
        if first.count == 3, isFile(first[0]), isFile(first[1]), numbers[2] != nil { return .labelled }
        if first.count == 3, numbers[1] != nil, numbers[2] != nil { return .names }
        if first.count == 4, numbers[1] != nil, numbers[3] != nil { return .names }
        return nil
    }

    private static func isFile(_ text: String) -> Bool {
        text.contains("/")
            || FolderPhotos.extensions.contains(URL(fileURLWithPath: text).pathExtension.lowercased())
    }

    private static func columns(_ line: Substring) -> [String] {
        let tabbed = line.split(separator: "\t").map { $0.trimmingCharacters(in: .whitespaces) }
        if tabbed.count > 1 { return tabbed.filter { !$0.isEmpty } }
        return line.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
