import Foundation

/// A list of pairs in folds, as Labeled Faces in the Wild (Huang et al. 2007) writes it.
///
/// The first line holds the number of folds and of pairs of each kind in a fold, or only the latter. Then each fold lists its
/// pairs of one person ("NAME n n") and of two ("NAME n NAME n"), columns separated by tabs or blanks.
public struct VerificationPairs: Sendable, Equatable {
    public let pairs: [VerificationPair]

    /// Folds of a list that has none of its own.
    static let defaultFolds = 10

    public init(_ pairs: [VerificationPair]) { self.pairs = pairs }

    /// - Throws: `FacesError.invalidArgument` naming the file and the line that is not understood.
    public init(contentsOf path: String) throws(FacesError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .invalidArgument(
                "\(path): cannot be read; expected a list of pairs such as LFW's pairs.txt")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw .invalidArgument("\(path): is not text; expected a list of pairs such as LFW's pairs.txt")
        }
        try self.init(text: text, source: path)
    }

    /// - Parameter source: what errors call the list.
    public init(text: String, source: String) throws(FacesError) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var rows: [(line: Int, columns: [String])] = []
        for (index, line) in lines.enumerated() {
            let columns = Self.columns(line)
            if !columns.isEmpty { rows.append((index + 1, columns)) }
        }
        guard let header = rows.first?.columns, let size = header.last.flatMap({ Int($0) }), size > 0,
            header.count == 1 || header.count == 2, let folds = Int(header.count == 2 ? header[0] : "1"),
            folds > 0
        else {
            throw .invalidArgument(
                "\(source): the first line must hold the number of folds and of pairs of each kind in a fold, such as '10 300'"
            )
        }
        let count = rows.count - 1
        let (expected, overflow) = folds.multipliedReportingOverflow(by: 2)
        let (total, overflowToo) = expected.multipliedReportingOverflow(by: size)
        guard !overflow, !overflowToo, count == total else {
            throw .invalidArgument(
                "\(source): \(count) pairs, but its first line announces \(folds) folds of \(size) pairs of each kind; the file is cut short or of another format"
            )
        }
        var pairs: [VerificationPair] = []
        for (index, row) in rows.dropFirst().enumerated() {
            let fold = header.count == 2 ? index / (2 * size) : index % Self.defaultFolds
            guard let pair = Self.pair(row.columns, fold: fold) else {
                throw .invalidArgument(
                    "\(source), line \(row.line): '\(row.columns.joined(separator: " "))' is no pair; expected 'NAME n n' or 'NAME n NAME n'"
                )
            }
            pairs.append(pair)
        }
        self.pairs = pairs
    }

    /// About `count` pairs, evenly spaced, so that folds and both kinds keep their shares.
    public func limited(to count: Int) -> VerificationPairs {
        guard count < pairs.count, count > 0 else { return self }
        return VerificationPairs((0..<count).map { pairs[$0 * pairs.count / count] })
    }

    private static func columns(_ line: Substring) -> [String] {
        let tabbed = line.split(separator: "\t").map { $0.trimmingCharacters(in: .whitespaces) }
        if tabbed.count > 1 { return tabbed.filter { !$0.isEmpty } }
        return line.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static func pair(_ columns: [String], fold: Int) -> VerificationPair? {
        func photo(_ name: String, _ number: String) -> VerificationPair.Photo? {
            guard let number = Int(number), number > 0, isName(name) else { return nil }
            return VerificationPair.Photo(person: name, number: number)
        }
        switch columns.count {
        case 3:
            guard let first = photo(columns[0], columns[1]), let second = photo(columns[0], columns[2]) else {
                return nil
            }
            return VerificationPair(first, second, fold: fold)
        case 4:
            guard let first = photo(columns[0], columns[1]), let second = photo(columns[2], columns[3]),
                first.person != second.person
            else { return nil }
            return VerificationPair(first, second, fold: fold)
        default: return nil
        }
    }

    /// Names become paths: they may not leave the data set's folder.
    private static func isName(_ name: String) -> Bool {
        !name.contains("/") && !name.contains("\0") && name != "." && name != ".."
    }
}
