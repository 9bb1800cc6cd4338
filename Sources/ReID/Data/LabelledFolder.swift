import Imaging

/// The images of a folder, however it is laid out, with what its layout says of them.
///
/// A published data set tells who is shown, and so do folders of people (`person/image.jpg`, see `FolderDataset`; every image lies one
/// folder down). In any other folder names like `0002_c1….jpg` do, and other images show nobody in particular.
public struct LabelledFolder: Sendable {
    public private(set) var images: [LabelledImage]
    /// The layout that was found or given; nil for a folder without one.
    public let layout: PersonDatasetLayout?
    /// What was noticed.
    public private(set) var remarks: [PersonDatasetRemark]

    /// - Parameters:
    ///   - layout: nil finds it out.
    ///   - split: the part of a data set; nil is its gallery, or everything where there is only one part.
    /// - Throws: `ReIDError.data` for a folder that is none, is not laid out as said, or has no such part; `ImagingError.file`
    ///   for one that cannot be read.
    public init(_ root: String, layout given: PersonDatasetLayout? = nil, split: PersonDatasetSplit? = nil)
        throws
    {
        layout = try given ?? Self.layout(root)
        guard let layout else {
            if let split {
                throw ReIDError.data(
                    path: root, reason: "has no part '\(split.rawValue)': it is not laid out as a data set")
            }
            let files = try ImageFiles.list([root])
            images = files.compactMap(LabelledImage.init(fileNamedByPersonAndCamera:))
            let junk = files.count - images.count
            remarks = junk > 0 ? [.junkDropped(.gallery, images: junk)] : []
            return
        }
        let dataset = try PersonDataset.load(layout, root: root)
        let part = split ?? (dataset.gallery.isEmpty ? .train : .gallery)
        images = dataset[part].map { LabelledImage($0, part, of: layout) }
        guard !images.isEmpty else {
            throw ReIDError.data(path: root, reason: "has no images in '\(part.rawValue)'")
        }
        remarks = dataset.remarks.filter { $0.isAbout(part) }
    }

    /// Nil for a folder that is no data set, and whose images are not all one folder down: those deeper or higher would be lost.
    private static func layout(_ root: String) throws -> PersonDatasetLayout? {
        let guess = try PersonDatasetLayout.guess(root: root)
        guard guess == .folder else { return guess }
        let parts = PersonDatasetSplit.allCases.filter {
            FolderListing.isFolder(FolderListing.join(root, $0.rawValue))
        }
        guard parts.isEmpty else { return .folder }
        let files = try ImageFiles.list([root])
        let start = FolderListing.join(root, "").count
        let areOneDown = files.allSatisfy { $0.dropFirst(start).split(separator: "/").count == 2 }
        return areOneDown && !files.isEmpty ? .folder : nil
    }
}

extension PersonDatasetRemark {
    /// Whether a gallery of one part's images should say this: what is of weight for training alone is left out.
    fileprivate func isAbout(_ part: PersonDatasetSplit) -> Bool {
        switch self {
        case .junkDropped(let split, _), .unrecognisedNames(let split, _, _, _),
            .missingFiles(let split, _, _):
            split == part
        case .attributeFile: true
        default: false
        }
    }
}
