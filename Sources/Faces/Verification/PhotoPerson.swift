import Foundation

/// Who a photo shows, as data sets write it into paths.
enum PhotoPerson {
    /// - Parameter path: `NAME/…` (the folder), `0_Name_35_f.jpg` (AgeDB: number, name, age, sex), `Name_0001.jpg` or `Name_1.jpg` (CALFW,
    ///   CPLFW).
    /// - Returns: nil where the path says nothing.
    static func of(_ path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        guard let file = parts.last else { return nil }
        let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        let words = stem.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        if words.count == 4, Int(words[0]) != nil, Int(words[2]) != nil,
            ["f", "m"].contains(words[3].lowercased())
        {
            return words[1]
        }
        if words.count > 1, Int(words[words.count - 1]) != nil {
            let name = words.dropLast().joined(separator: "_")
            if !name.isEmpty { return name }
        }
        return parts.count > 1 ? parts[parts.count - 2] : nil
    }
}
