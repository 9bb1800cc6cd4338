import Foundation
import Resources
import Torch

extension GalleryArchive {
    /// What an import did.
    public struct ImportReport: Codable, Sendable, Equatable {
        /// Number of entries that are new.
        public var added = 0
        /// Number of entries that were there before.
        public var duplicates = 0

        public init(added: Int = 0, duplicates: Int = 0) {
            self.added = added
            self.duplicates = duplicates
        }
    }

    /// Entries that are added in one transaction.
    private static let batch = 1000

    /// Opens an exported gallery.
    /// - Throws: `GalleryError.missing` for no folder, `.notAGallery` for one that holds no export, or that of a newer program.
    public init(contentsOf folder: String) throws(GalleryError) {
        let path = "\(folder)/\(Self.manifestName)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .notAGallery(
                path: folder,
                reason: FileManager.default.fileExists(atPath: folder)
                    ? "the folder has no \(Self.manifestName), which an export has" : "no such folder")
        }
        struct Mark: Decodable { let format: String }
        guard let mark = try? JSONDecoder().decode(Mark.self, from: data),
            mark.format == Manifest.format,
            let manifest = try? Self.decoder().decode(Manifest.self, from: data),
            manifest.parts.reduce(0, { $0 + $1.images }) == manifest.images
        else {
            throw .notAGallery(path: path, reason: "it does not say '\(Manifest.format)', or is damaged")
        }
        self.init(folder: folder, manifest: manifest)
    }

    /// Adds everything to a gallery of the same kind and model. Entries that are there already are left out, so an import
    /// that was interrupted can be begun again.
    /// - Parameter progress: images read and images in all; what it throws ends the import between two transactions.
    /// - Throws: `GalleryError.otherKind`, `.otherModel`; `.corrupt` naming a file that is missing or damaged, before anything
    ///   is added; what the store throws.
    public func add(
        to store: any GalleryStore, actor: String,
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> ImportReport {
        try store.require(kind: kind, model: model)
        for part in manifest.parts {
            try check(part.entries, part.entriesSHA256)
            try check(part.vectors, part.vectorsSHA256)
        }
        var report = ImportReport()
        for part in manifest.parts {
            let entries = try read(part)
            for start in stride(from: 0, to: entries.count, by: Self.batch) {
                try progress(report.added + report.duplicates, images)
                let added = try store.add(
                    Array(entries[start..<min(start + Self.batch, entries.count)]), actor: actor)
                report.added += added.added
                report.duplicates += added.duplicates.count
            }
        }
        try progress(images, images)
        return report
    }

    private func check(_ name: String, _ expected: String) throws(GalleryError) {
        let path = "\(folder)/\(name)"
        // A name from a file must not lead out of its folder.
        guard !name.contains("/"), let found = try? SHA256.ofFile(path) else {
            throw .corrupt(path: path, reason: "the file is missing or cannot be read")
        }
        guard found == expected else {
            throw .corrupt(
                path: path,
                reason: "its SHA-256 is \(found.prefix(12))…, expected \(expected.prefix(12))…")
        }
    }

    private func read(_ part: Part) throws -> [NewGalleryEntry] {
        let path = "\(folder)/\(part.vectors)"
        let lines = (FileManager.default.contents(atPath: "\(folder)/\(part.entries)") ?? Data())
            .split(separator: 0x0A)
        let tensors = try SafeTensors.read(path)
        guard lines.count == part.images, let embeddings = tensors["embeddings"],
            embeddings.shape == [part.images, model.dimension]
        else {
            throw GalleryError.corrupt(
                path: path,
                reason:
                    "\(lines.count) entries and embeddings \(tensors["embeddings"]?.shape ?? []), expected \(part.images) and [\(part.images), \(model.dimension)]"
            )
        }
        let values = try embeddings.floats()
        let pictures = try tensors["thumbnails"]?.bytes() ?? []
        let ends = try tensors["thumbnailEnds"]?.ints() ?? [Int](repeating: 0, count: part.images)
        guard ends.count == part.images, zip([0] + ends, ends).allSatisfy({ $0 <= $1 }),
            ends.last ?? 0 == pictures.count
        else {
            throw GalleryError.corrupt(path: path, reason: "the ends of the thumbnails do not fit them")
        }
        let decoder = Self.decoder()
        return try lines.enumerated().map { index, line in
            let line = try decoder.decode(Line.self, from: line)
            let entry = line.entry
            let start = index == 0 ? 0 : ends[index - 1]
            return NewGalleryEntry(
                identity: entry.identity, path: entry.path, sha256: entry.sha256, camera: entry.camera,
                time: entry.time, box: entry.box, attributes: entry.attributes,
                embedding: Array(values[(index * model.dimension)..<((index + 1) * model.dimension)]),
                thumbnail: line.thumbnail ? Array(pictures[start..<ends[index]]) : nil,
                addedAt: entry.addedAt)
        }
    }
}
