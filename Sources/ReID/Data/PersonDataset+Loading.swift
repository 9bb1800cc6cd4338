extension PersonDataset {
    /// Lists a data set's images, and reads its attributes. No image is opened: a damaged one is an error naming it when it is read.
    /// - Parameters:
    ///   - root: the folder that holds the layout's folders or lists.
    ///   - attributes: a file of attributes: `.mat` of Market-1501 or DukeMTMC-reID, else CSV; see `AttributeTable`.
    /// - Throws: `ReIDError.data` naming the path: a folder or list that is missing or unreadable, a part without images or with
    ///   none whose name fits. Lesser things become `remarks`.
    public static func load(_ layout: PersonDatasetLayout, root: String, attributes: String? = nil)
        throws(ReIDError) -> PersonDataset
    {
        guard FolderListing.isFolder(root) else {
            throw .data(path: root, reason: "no such folder; expected the root of \(layout.title)")
        }
        var dataset =
            switch layout {
            case .market1501, .dukeMTMC: try BoundingBoxFolders(layout, root: root).load()
            case .cuhk03NP(let boxes):
                try BoundingBoxFolders(layout, root: cuhk03Root(root, boxes)).load()
            case .msmt17: try MSMT17Lists(root: root).load()
            case .folder: try FolderDataset(root: root).load()
            }
        dataset.remarks += dataset.remarksOnPeople()
        if let attributes { try dataset.attach(AttributeFile(path: attributes)) }
        return dataset
    }

    private static func cuhk03Root(_ root: String, _ boxes: PersonDatasetLayout.CUHK03Boxes) -> String {
        let inner = FolderListing.join(root, boxes.rawValue)
        return FolderListing.isFolder(inner) ? inner : root
    }

    private func remarksOnPeople() -> [PersonDatasetRemark] {
        var remarks: [PersonDatasetRemark] = []
        var counts: [Int: Int] = [:]
        for image in train { counts[image.person, default: 0] += 1 }
        let single = counts.filter { $0.value == 1 }.keys.sorted()
        if !single.isEmpty { remarks.append(.singleImages(people: single)) }

        var cameras: [Int: Set<Int>] = [:]
        for sighting in gallerySightings { cameras[sighting.person, default: []].insert(sighting.camera) }
        let matched = Set(
            querySightings.filter { !(cameras[$0.person] ?? []).subtracting([$0.camera]).isEmpty }
                .map(\.person))
        let unmatched = Set(query.map(\.person)).subtracting(matched).sorted()
        if !unmatched.isEmpty { remarks.append(.withoutMatch(people: unmatched)) }

        // MSMT17 numbers its test people anew.
        if layout != .msmt17 {
            let shared = Set(counts.keys).intersection(Set((query + gallery).map(\.person))).sorted()
            if !shared.isEmpty { remarks.append(.sharedPeople(shared)) }
        }
        let unknown = (train + query + gallery).count { $0.camera == PersonImage.unknownCamera }
        if unknown > 0 { remarks.append(.unknownCameras(images: unknown)) }
        return remarks
    }
}
