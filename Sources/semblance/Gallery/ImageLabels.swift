import CommandLineKit
import Foundation
import Gallery
import Imaging
import ReID
import Resources

/// The images that an index command's arguments mean, and what is said of each: by its data set, folder or name, by a table of
/// times, by a table of attributes.
struct ImageLabels {
    var layout: PersonDatasetLayout?
    var split: PersonDatasetSplit?
    var attributes: AttributeTable?
    /// Nothing is taken from names of folders and files.
    var isAnonymous = false
    /// Of every image that nothing else is known of.
    var person: String?
    var camera: Int?
    var times: TimeTable?

    /// - Throws: `ReIDError`, `ImagingError` or `ResourceError` naming what is missing, unreadable or without images.
    func items(_ input: [FilePath], note: (String) -> Void) throws -> [IndexItem] {
        var items: [IndexItem] = []
        for given in input {
            let path = try ResourceLocator.standard.input(given.string)
            for image in try images(path, note) {
                items.append(
                    IndexItem(
                        path: Self.absolute(image.path), identity: image.identity ?? person,
                        camera: image.camera ?? camera, time: times?[image.path, below: path],
                        attributes: image.person.flatMap { attributes?.named($0) } ?? [:]))
            }
        }
        guard !items.isEmpty else {
            throw ImagingError.file(
                path: input.map(\.string).joined(separator: ", "),
                reason: "no images (JPEG, PNG, WebP) inside")
        }
        return items
    }

    private func images(_ path: String, _ note: (String) -> Void) throws -> [LabelledImage] {
        guard !isAnonymous else { return try ImageFiles.list([path]).map { LabelledImage(path: $0) } }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ImagingError.file(path: path, reason: "no such file or folder")
        }
        guard isFolder.boolValue else {
            return LabelledImage(fileNamedByPersonAndCamera: path).map { [$0] } ?? []
        }
        let folder = try LabelledFolder(path, layout: layout, split: split)
        for remark in folder.remarks { note("\(path): \(remark)") }
        return folder.images
    }

    /// Paths are kept in full: a gallery may be used from elsewhere.
    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}

/// When images were taken: a CSV file with the header `image,time`, paths from the folder that is indexed or as they are
/// given, times such as `2026-01-31T12:00:00Z`.
struct TimeTable {
    private let times: [String: Date]

    /// - Throws: `ReIDError.data` naming the file and the line that cannot be read.
    init(path: String) throws(ReIDError) {
        let table = try CSVTable(path: path)
        guard table.header == ["image", "time"] else {
            throw .data(
                path: path,
                reason: "the header is '\(table.header.joined(separator: ","))', expected 'image,time'")
        }
        var times: [String: Date] = [:]
        for row in table.rows {
            guard let date = GalleryTime.date(row.values[1]) else {
                throw .data(
                    path: path,
                    reason:
                        "line \(row.line): '\(row.values[1])' is no time; write 2026-01-31 or 2026-01-31T12:00:00Z"
                )
            }
            times[row.values[0]] = date
        }
        self.times = times
    }

    subscript(_ path: String, below root: String) -> Date? {
        let folder = root.hasSuffix("/") ? root : root + "/"
        return times[path] ?? (path.hasPrefix(folder) ? times[String(path.dropFirst(folder.count))] : nil)
    }
}
