/// The layout that Market-1501 began and others took over: a folder of images for each part.
struct BoundingBoxFolders {
    private static let folders: [(split: PersonDatasetSplit, name: String)] = [
        (.train, "bounding_box_train"), (.query, "query"), (.gallery, "bounding_box_test"),
    ]
    private static let expected = "0002_c1….jpg (person, camera)"

    private let layout: PersonDatasetLayout
    private let root: String

    init(_ layout: PersonDatasetLayout, root: String) {
        self.layout = layout
        self.root = root
    }

    func load() throws(ReIDError) -> PersonDataset {
        for folder in Self.folders where !FolderListing.isFolder(FolderListing.join(root, folder.name)) {
            throw .data(
                path: FolderListing.join(root, folder.name),
                reason:
                    "no such folder; \(layout.title) has \(Self.folders.map(\.name).joined(separator: ", "))\(hint())"
            )
        }
        var dataset = PersonDataset(name: layout.title, layout: layout, root: root, train: [])
        for folder in Self.folders {
            let images = try images(folder.split, in: FolderListing.join(root, folder.name), &dataset.remarks)
            switch folder.split {
            case .train: dataset.train = images
            case .query: dataset.query = images
            case .gallery: dataset.gallery = images
            }
        }
        return dataset
    }

    /// Where the folders are, when they are one level deeper: the archives hold a folder of their own.
    private func hint() -> String {
        let inner = (try? FolderListing.names(in: root))?.first {
            FolderListing.isFolder(FolderListing.join(root, $0) + "/" + Self.folders[0].name)
        }
        return inner.map { "; \(FolderListing.join(root, $0)) has it, give that as the root" } ?? ""
    }

    private func images(
        _ split: PersonDatasetSplit, in folder: String, _ remarks: inout [PersonDatasetRemark]
    ) throws(ReIDError) -> [PersonImage] {
        let names = try FolderListing.images(in: folder)
        guard !names.isEmpty else {
            throw .data(
                path: folder, reason: "holds no images; expected JPEG files like \(Self.expected)")
        }
        var images: [PersonImage] = []
        images.reserveCapacity(names.count)
        var strangers: [String] = []
        var junk = 0
        for name in names {
            guard let (person, camera) = PersonFileName.personAndCamera(name) else {
                strangers.append(name)
                continue
            }
            guard person >= 0 else {
                junk += 1
                continue
            }
            images.append(
                PersonImage(path: FolderListing.join(folder, name), person: person, camera: camera))
        }
        guard !images.isEmpty else {
            throw .data(
                path: folder,
                reason: strangers.first.map {
                    "none of \(names.count) images has a name like \(Self.expected), the first is \($0); is this \(layout.title)?"
                } ?? "holds nothing but \(junk) junk images (person -1)")
        }
        if junk > 0 { remarks.append(.junkDropped(split, images: junk)) }
        if let example = strangers.first {
            remarks.append(
                .unrecognisedNames(
                    split, files: strangers.count, example: example, expected: Self.expected))
        }
        return images
    }
}
