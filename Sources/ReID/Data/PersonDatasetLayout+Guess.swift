extension PersonDatasetLayout {
    /// The layout that a folder seems to have, by its folders, lists and first name; `.folder` when it looks like none of the
    /// published ones.
    /// - Throws: `ReIDError.data` when there is no such folder or it cannot be read.
    public static func guess(root: String) throws(ReIDError) -> PersonDatasetLayout {
        let names = try Set(FolderListing.names(in: root))
        if names.contains("list_train.txt") { return .msmt17 }
        for boxes in CUHK03Boxes.allCases where names.contains(boxes.rawValue) {
            let inner = FolderListing.join(root, boxes.rawValue)
            if FolderListing.isFolder(FolderListing.join(inner, "bounding_box_train")) {
                return .cuhk03NP(boxes)
            }
        }
        guard names.contains("bounding_box_train") else { return .folder }
        let folder = FolderListing.join(root, "bounding_box_train")
        let first = try FolderListing.images(in: folder).first { PersonFileName.personAndCamera($0) != nil }
        guard let first else { return .market1501 }
        // After the camera: Market-1501 has the sequence, DukeMTMC-reID the frame, CUHK03 a number.
        let rest = first.drop { $0 != "c" }.dropFirst().drop(while: \.isNumber)
        if rest.hasPrefix("_f") { return .dukeMTMC }
        if rest.hasPrefix("s") { return .market1501 }
        return .cuhk03NP(root.lowercased().contains(CUHK03Boxes.labeled.rawValue) ? .labeled : .detected)
    }
}
