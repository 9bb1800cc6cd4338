import Foundation

/// MSMT17: lists of `path person`, with images in a folder for training and one for testing.
struct MSMT17Lists {
    private static let expected = "0000/0000_000_01_0303morning_0015_0.jpg (third part: camera)"

    private let root: String

    init(root: String) { self.root = root }

    func load() throws(ReIDError) -> PersonDataset {
        let train = try folder("train", "mask_train_v2")
        let test = try folder("test", "mask_test_v2")
        var dataset = PersonDataset(
            name: PersonDatasetLayout.msmt17.title, layout: .msmt17, root: root, train: [])
        dataset.train =
            try images(.train, list: "list_train.txt", folder: train, &dataset.remarks)
            + images(.train, list: "list_val.txt", folder: train, &dataset.remarks)
        dataset.train.sort { $0.path < $1.path }
        dataset.query = try images(.query, list: "list_query.txt", folder: test, &dataset.remarks)
        dataset.gallery = try images(.gallery, list: "list_gallery.txt", folder: test, &dataset.remarks)
        return dataset
    }

    private func folder(_ first: String, _ second: String) throws(ReIDError) -> String {
        for name in [first, second] {
            let path = FolderListing.join(root, name)
            if FolderListing.isFolder(path) { return path }
        }
        throw .data(
            path: FolderListing.join(root, first),
            reason: "no such folder, nor \(second); MSMT17 has one of them beside its lists")
    }

    private func images(
        _ split: PersonDatasetSplit, list name: String, folder: String,
        _ remarks: inout [PersonDatasetRemark]
    ) throws(ReIDError) -> [PersonImage] {
        let list = FolderListing.join(root, name)
        guard let data = FileManager.default.contents(atPath: list) else {
            throw .data(path: list, reason: "no such file, or it cannot be read; MSMT17 comes with it")
        }
        var images: [PersonImage] = []
        var (absent, strangers): ([String], [String]) = ([], [])
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() {
            let parts = line.split(whereSeparator: \.isWhitespace)
            guard !parts.isEmpty else { continue }
            guard parts.count == 2, let person = Int(parts[1]), person >= 0 else {
                throw .data(
                    path: list,
                    reason: "line \(number + 1) is '\(line)', expected an image's path and a person")
            }
            let file = parts[0].split(separator: "/").last ?? parts[0]
            guard let camera = PersonFileName.msmtCamera(file) else {
                strangers.append(String(parts[0]))
                continue
            }
            let path = FolderListing.join(folder, String(parts[0]))
            guard FolderListing.exists(path) else {
                absent.append(path)
                continue
            }
            images.append(PersonImage(path: path, person: person, camera: camera))
        }
        guard !images.isEmpty else {
            throw .data(
                path: list,
                reason: absent.first.map { "none of its files exists, the first is \($0)" }
                    ?? strangers.first.map { "no name is like \(Self.expected), the first is \($0)" }
                    ?? "is empty")
        }
        if let example = absent.first {
            remarks.append(.missingFiles(split, files: absent.count, example: example))
        }
        if let example = strangers.first {
            remarks.append(
                .unrecognisedNames(
                    split, files: strangers.count, example: example, expected: Self.expected))
        }
        return images.sorted { $0.path < $1.path }
    }
}
