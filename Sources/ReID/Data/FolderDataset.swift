import Foundation

/// A folder of one's own: `person/image.jpg`.
///
/// - With folders `train`, or `query` and `gallery`, or all three at the root, each holds people; otherwise the root does, and all
///   of them are for training (`holdingOut` makes a validation set of some).
/// - People whose folders are all numbers keep these numbers; otherwise they are numbered from 1 on in the order of their names,
///   the same in all parts, and `personNames` says who is who.
/// - A name that begins with `c2_` was taken by camera 2. A file `cameras.csv` at the root (header `image,camera`, paths from
///   the root, cameras from 1 on) overrules names. Otherwise the camera is unknown.
struct FolderDataset {
    private static let camerasFile = "cameras.csv"

    private let root: String

    init(root: String) { self.root = root }

    func load() throws(ReIDError) -> PersonDataset {
        let parts = try parts()
        let cameras = try cameras()
        var people: Set<String> = []
        for part in parts {
            let names = try folders(in: part.folder)
            guard !names.isEmpty else {
                throw .data(
                    path: part.folder, reason: "holds no folders; expected one folder of images per person")
            }
            people.formUnion(names)
        }
        let numbers = people.compactMap(Int.init)
        let areNumbers =
            numbers.count == people.count && Set(numbers).count == numbers.count
            && numbers.allSatisfy { $0 >= 0 }
        let ids = Dictionary(
            uniqueKeysWithValues: people.sorted().enumerated().map {
                ($0.element, areNumbers ? Int($0.element) ?? 0 : $0.offset + 1)
            })
        var dataset = PersonDataset(
            name: URL(fileURLWithPath: root).lastPathComponent, layout: .folder, root: root, train: [],
            personNames: areNumbers ? [:] : Dictionary(uniqueKeysWithValues: ids.map { ($0.value, $0.key) }))
        var used = 0
        for part in parts {
            var images: [PersonImage] = []
            for name in try folders(in: part.folder) {
                let folder = FolderListing.join(part.folder, name)
                for file in try FolderListing.images(in: folder) {
                    let path = FolderListing.join(folder, file)
                    let stated = cameras[String(path.dropFirst(FolderListing.join(root, "").count))]
                    if stated != nil { used += 1 }
                    images.append(
                        PersonImage(
                            path: path, person: ids[name] ?? 0,
                            camera: stated ?? PersonFileName.camera(file) ?? PersonImage.unknownCamera))
                }
            }
            guard !images.isEmpty else {
                throw .data(
                    path: part.folder,
                    reason: "its \(people.count) folders hold no images (JPEG, PNG or WebP)")
            }
            switch part.split {
            case .train: dataset.train = images
            case .query: dataset.query = images
            case .gallery: dataset.gallery = images
            }
        }
        if used < cameras.count {
            dataset.remarks.append(
                .attributeFile(
                    path: FolderListing.join(root, Self.camerasFile),
                    reason: "\(cameras.count - used) of \(cameras.count) rows name no image"))
        }
        return dataset
    }

    private func parts() throws(ReIDError) -> [(split: PersonDatasetSplit, folder: String)] {
        let present = PersonDatasetSplit.allCases.filter {
            FolderListing.isFolder(FolderListing.join(root, $0.rawValue))
        }
        guard !present.isEmpty else { return [(.train, root)] }
        guard present.contains(.query) == present.contains(.gallery) else {
            let missing: PersonDatasetSplit = present.contains(.query) ? .gallery : .query
            throw .data(
                path: FolderListing.join(root, missing.rawValue),
                reason: "no such folder; query and gallery belong together")
        }
        return present.map { ($0, FolderListing.join(root, $0.rawValue)) }
    }

    private func folders(in folder: String) throws(ReIDError) -> [String] {
        try FolderListing.names(in: folder).filter { FolderListing.isFolder(FolderListing.join(folder, $0)) }
    }

    /// Camera from 0 on by path from the root; empty without the file.
    private func cameras() throws(ReIDError) -> [String: Int] {
        let path = FolderListing.join(root, Self.camerasFile)
        guard FolderListing.exists(path) else { return [:] }
        let table = try CSVTable(path: path)
        guard table.header == ["image", "camera"] else {
            throw .data(
                path: path,
                reason: "the header is '\(table.header.joined(separator: ","))', expected 'image,camera'")
        }
        var cameras: [String: Int] = [:]
        for row in table.rows {
            guard let camera = Int(row.values[1]), camera > 0 else {
                throw .data(
                    path: path,
                    reason: "line \(row.line): camera '\(row.values[1])', expected a number from 1 on")
            }
            cameras[row.values[0]] = camera - 1
        }
        return cameras
    }
}
