import Foundation

/// A protocol of Celebrities in Frontal-Profile (Sengupta et al. 2016) as distributed: `Protocol/Pair_list_F.txt` and
/// `Pair_list_P.txt` number the photos, `Protocol/Split/FP/01/same.txt`, `diff.txt`, … hold pairs of numbers "f,p".
struct CFPProtocol {
    let list: VerificationPairs
    /// The folder that paths start from.
    let root: String

    /// - Parameter split: `…/Protocol/Split/FP` (frontal against profile) or `…/Protocol/Split/FF`.
    init(split: String) throws(FacesError) {
        let folder = URL(fileURLWithPath: split)
        let kind = folder.lastPathComponent
        let base = folder.deletingLastPathComponent().deletingLastPathComponent()
        guard kind == "FP" || kind == "FF" else {
            throw .invalidArgument(
                "\(split): is a folder; expected a list of pairs, or a protocol of CFP: '…/Protocol/Split/FP' or '…/Protocol/Split/FF'"
            )
        }
        let frontal = try Self.photos(base.appendingPathComponent("Pair_list_F.txt").path)
        let other =
            kind == "FF" ? frontal : try Self.photos(base.appendingPathComponent("Pair_list_P.txt").path)
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: split)) ?? []).filter {
            FileManager.default.fileExists(atPath: "\(split)/\($0)/same.txt")
        }.sorted()
        guard !names.isEmpty else {
            throw .invalidArgument(
                "\(split): has no folds; expected folders 01, 02, … with same.txt and diff.txt")
        }
        var files: [(String, String)] = []
        var (same, folds): ([Bool], [Int]) = ([], [])
        for (fold, name) in names.enumerated() {
            for (file, isSame) in [("same.txt", true), ("diff.txt", false)] {
                let path = "\(split)/\(name)/\(file)"
                for (number, line) in try Self.lines(path).enumerated() {
                    let columns = line.split(separator: ",").map {
                        Int($0.trimmingCharacters(in: .whitespaces))
                    }
                    guard columns.count == 2, let a = columns[0].flatMap({ frontal[$0] }),
                        let b = columns[1].flatMap({ other[$0] })
                    else {
                        throw .invalidArgument(
                            "\(path), line \(number + 1): '\(line)' is no pair; expected two numbers of the lists of photos, such as '12,7'"
                        )
                    }
                    files.append((a, b))
                    same.append(isSame)
                    folds.append(fold)
                }
            }
        }
        // The folder above frontal/ and profile/ is the person's.
        func photo(_ path: String) -> VerificationPair.Photo {
            let parts = path.split(separator: "/")
            return .init(stem: path, person: parts.count >= 3 ? String(parts[parts.count - 3]) : nil)
        }
        list = VerificationPairs(
            files.indices.map {
                VerificationPair(
                    photo(files[$0].0), photo(files[$0].1), isSame: same[$0], fold: folds[$0])
            })
        root = base.deletingLastPathComponent().path
    }

    /// Paths by number; "12 ../Data/Images/002/frontal/02.jpg" starts from the folder of the list.
    private static func photos(_ path: String) throws(FacesError) -> [Int: String] {
        var photos: [Int: String] = [:]
        for (number, line) in try lines(path).enumerated() {
            let columns = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            guard columns.count == 2, let index = Int(columns[0]) else {
                throw .invalidArgument(
                    "\(path), line \(number + 1): '\(line)' is no photo; expected a number and a path")
            }
            var file = columns[1].trimmingCharacters(in: .whitespaces)
            if file.hasPrefix("../") { file.removeFirst(3) }
            guard VerificationPairs.isInside(file) else {
                throw .invalidArgument(
                    "\(path), line \(number + 1): '\(columns[1])' leaves the data set's folder")
            }
            photos[index] = file
        }
        return photos
    }

    private static func lines(_ path: String) throws(FacesError) -> [String] {
        guard let data = FileManager.default.contents(atPath: path),
            let text = String(data: data, encoding: .utf8)
        else { throw .invalidArgument("\(path): cannot be read; it belongs to CFP's protocol") }
        return text.split(whereSeparator: \.isNewline).map(String.init).filter {
            !$0.allSatisfy(\.isWhitespace)
        }
    }
}
