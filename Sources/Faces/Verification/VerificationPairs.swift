import Foundation

/// A list of pairs in folds.
///
/// Text lists are told apart by their first line:
/// - Labeled Faces in the Wild (Huang et al. 2007): the number of folds and of pairs of each kind in a fold, or only the latter;
///   then pairs of one person ("NAME n n") and of two ("NAME n NAME n"), columns separated by tabs or blanks.
/// - The same without a first line, as MFR2 has it (Anwar & Raychowdhury 2020).
/// - CALFW and CPLFW (Zheng et al. 2017, 2018): two lines a pair, "FILE n", n above 0 for one person and 0 for two.
/// - Lists of "FILE FILE 1" and "FILE FILE 0", as AgeDB-30 and CFP-FP are passed on in aligned form.
///
/// Lists without folds are cut into ten in their order, each kind by itself, as their publishers count.
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
        let rows = PairRows(text: text, source: source)
        switch rows.layout {
        case .folds: pairs = try Self.folded(rows)
        case .names: pairs = try Self.unfolded(rows)
        case .couples: pairs = try Self.couples(rows)
        case .labelled: pairs = try Self.labelled(rows)
        case nil:
            throw .invalidArgument(
                "\(source): the first line must hold the number of folds and of pairs of each kind in a fold, such as '10 300', or a pair ('NAME n n', 'NAME n NAME n', 'FILE FILE 1') or a photo and its pair's kind ('FILE 1')"
            )
        }
    }

    /// About `count` pairs, evenly spaced, so that folds and both kinds keep their shares.
    public func limited(to count: Int) -> VerificationPairs {
        VerificationPairs(pairs.evenlySpaced(count))
    }

    /// Distinct first photos, in order of first use.
    public var firstPhotos: [VerificationPair.Photo] { Self.distinct(pairs.map(\.first)) }

    /// Distinct second photos, in order of first use.
    public var secondPhotos: [VerificationPair.Photo] { Self.distinct(pairs.map(\.second)) }

    private static func distinct(_ photos: [VerificationPair.Photo]) -> [VerificationPair.Photo] {
        var seen = Set<VerificationPair.Photo>()
        return photos.filter { seen.insert($0).inserted }
    }

    /// Whether every photo's person is known, so that photos of different pairs can be compared too.
    public var knowsPersons: Bool { pairs.allSatisfy { $0.first.person != nil && $0.second.person != nil } }

    /// Fold numbers for pairs in their order, each kind cut into `defaultFolds` by itself.
    static func folds(_ same: [Bool]) -> [Int] {
        let totals = [true, false].map { kind in max(1, same.count { $0 == kind }) }
        var seen = [0, 0]
        return same.map { isSame in
            let kind = isSame ? 0 : 1
            defer { seen[kind] += 1 }
            return seen[kind] * defaultFolds / totals[kind]
        }
    }

    // MARK: Layouts

    private static func folded(_ rows: PairRows) throws(FacesError) -> [VerificationPair] {
        let header = rows.rows[0].columns
        let size = Int(header[header.count - 1]) ?? 0
        let folds = header.count == 2 ? Int(header[0]) ?? 0 : 1
        let count = rows.rows.count - 1
        let (expected, overflow) = folds.multipliedReportingOverflow(by: 2)
        let (total, overflowToo) = expected.multipliedReportingOverflow(by: size)
        guard !overflow, !overflowToo, count == total else {
            throw .invalidArgument(
                "\(rows.source): \(count) pairs, but its first line announces \(folds) folds of \(size) pairs of each kind; the file is cut short or of another format"
            )
        }
        var pairs: [VerificationPair] = []
        for (index, row) in rows.rows.dropFirst().enumerated() {
            let fold = header.count == 2 ? index / (2 * size) : index % defaultFolds
            let (first, second) = try named(row, rows)
            pairs.append(VerificationPair(first, second, fold: fold))
        }
        return pairs
    }

    private static func unfolded(_ rows: PairRows) throws(FacesError) -> [VerificationPair] {
        var photos: [(VerificationPair.Photo, VerificationPair.Photo)] = []
        for row in rows.rows { photos.append(try named(row, rows)) }
        let folds = folds(photos.map { $0.0.person == $0.1.person })
        return zip(photos, folds).map { VerificationPair($0.0, $0.1, fold: $1) }
    }

    private static func couples(_ rows: PairRows) throws(FacesError) -> [VerificationPair] {
        guard rows.rows.count.isMultiple(of: 2) else {
            throw .invalidArgument(
                "\(rows.source): \(rows.rows.count) lines, but every pair takes two; the file is cut short")
        }
        var files: [(String, String)] = []
        var same: [Bool] = []
        for index in stride(from: 0, to: rows.rows.count, by: 2) {
            let (a, b) = (rows.rows[index].columns, rows.rows[index + 1].columns)
            guard a.count == 2, b.count == 2, let kind = Int(a[1]), let other = Int(b[1]), kind >= 0,
                (kind > 0) == (other > 0), isInside(a[0]), isInside(b[0])
            else {
                throw .invalidArgument(
                    "\(rows.source), line \(rows.rows[index].line): '\(a.joined(separator: " "))' and '\(b.joined(separator: " "))' are no pair; expected two lines 'FILE n' of one kind, n above 0 for one person and 0 for two"
                )
            }
            files.append((a[0], b[0]))
            same.append(kind > 0)
        }
        return byFiles(files, same)
    }

    private static func labelled(_ rows: PairRows) throws(FacesError) -> [VerificationPair] {
        var files: [(String, String)] = []
        var same: [Bool] = []
        for row in rows.rows {
            guard row.columns.count == 3, ["0", "1"].contains(row.columns[2]), isInside(row.columns[0]),
                isInside(row.columns[1])
            else {
                throw .invalidArgument(
                    "\(rows.source), line \(row.line): '\(row.columns.joined(separator: " "))' is no pair; expected 'FILE FILE 1' for one person or 'FILE FILE 0' for two"
                )
            }
            files.append((row.columns[0], row.columns[1]))
            same.append(row.columns[2] == "1")
        }
        return byFiles(files, same)
    }

    /// Pairs of files. Persons are read off the paths where that agrees with every pair's kind, and else are unknown.
    static func byFiles(_ files: [(String, String)], _ same: [Bool], folds given: [Int]? = nil)
        -> [VerificationPair]
    {
        let folds = given ?? folds(same)
        let persons = files.map { (PhotoPerson.of($0.0), PhotoPerson.of($0.1)) }
        let areKnown = zip(persons, same).allSatisfy { pair, isSame in
            guard let a = pair.0, let b = pair.1 else { return false }
            return (a == b) == isSame
        }
        return files.indices.map { index in
            VerificationPair(
                .init(stem: files[index].0, person: areKnown ? persons[index].0 : nil),
                .init(stem: files[index].1, person: areKnown ? persons[index].1 : nil), isSame: same[index],
                fold: folds[index])
        }
    }

    private static func named(_ row: PairRows.Row, _ rows: PairRows) throws(FacesError) -> (
        VerificationPair.Photo, VerificationPair.Photo
    ) {
        func photo(_ name: String, _ number: String) -> VerificationPair.Photo? {
            guard let number = Int(number), number > 0, isName(name) else { return nil }
            return VerificationPair.Photo(person: name, number: number)
        }
        let columns = row.columns
        switch columns.count {
        case 3:
            if let a = photo(columns[0], columns[1]), let b = photo(columns[0], columns[2]) { return (a, b) }
        case 4:
            if let a = photo(columns[0], columns[1]), let b = photo(columns[2], columns[3]),
                a.person != b.person
            {
                return (a, b)
            }
        default: break
        }
        throw .invalidArgument(
            "\(rows.source), line \(row.line): '\(columns.joined(separator: " "))' is no pair; expected 'NAME n n' or 'NAME n NAME n'"
        )
    }

    /// Names become paths: they may not leave the data set's folder.
    private static func isName(_ name: String) -> Bool {
        !name.contains("/") && !name.contains("\0") && name != "." && name != ".."
    }

    static func isInside(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/") && !path.contains("\0")
            && path.split(separator: "/").allSatisfy { $0 != ".." && $0 != "." }
    }
}
