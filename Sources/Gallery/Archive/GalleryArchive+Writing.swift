import Foundation
import Imaging
import Resources
import Torch

extension GalleryArchive {
    /// Writes everything that a gallery keeps into a new folder, which appears under its name when it is complete.
    /// - Parameters:
    ///   - partSize: entries per pair of files: what is held in memory at once.
    ///   - progress: images written and images in all; what it throws ends the export and leaves nothing behind.
    /// - Throws: `GalleryError.exists` for a folder that holds something, `.storage` for one that cannot be written, and what
    ///   the store throws.
    public static func write(
        _ store: any GalleryStore, to folder: String, actor: String, partSize: Int = 10_000,
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> GalleryArchive {
        let files = FileManager.default
        guard (try? files.contentsOfDirectory(atPath: folder))?.isEmpty ?? !files.fileExists(atPath: folder)
        else { throw GalleryError.exists(path: folder) }
        let partial = "\(folder).\(getpid()).partial"
        // Embeddings and thumbnails are nobody else's business.
        guard mkdir(partial, 0o700) == 0 else {
            throw GalleryError.storage(
                path: folder, reason: "the folder cannot be made: \(String(cString: strerror(errno)))")
        }
        do {
            let archive = try write(store, into: partial, partSize, progress)
            guard rename(partial, folder) == 0 else {
                throw GalleryError.storage(
                    path: folder, reason: "cannot be renamed to: \(String(cString: strerror(errno)))")
            }
            try store.record(.export, detail: ["images": "\(archive.images)"], actor: actor)
            return GalleryArchive(folder: folder, manifest: archive.manifest)
        } catch {
            try? files.removeItem(atPath: partial)
            throw error
        }
    }

    private static func write(
        _ store: any GalleryStore, into folder: String, _ partSize: Int,
        _ progress: (Int, Int) throws -> Void
    ) throws -> GalleryArchive {
        let total = try store.statistics().images
        var manifest = Manifest(kind: store.kind, model: store.model)
        var last: Int64 = 0
        while true {
            try progress(manifest.images, max(total, manifest.images))
            let records = try store.records(after: last, limit: partSize)
            guard let newest = records.last else { break }
            last = newest.entry.id
            manifest.images += records.count
            try manifest.parts.append(
                write(records, number: manifest.parts.count + 1, dimension: store.model.dimension, folder))
        }
        let encoder = encoder()
        encoder.outputFormatting.insert(.prettyPrinted)
        try AtomicImageFile.write(
            Array(encoder.encode(manifest)) + [0x0A], to: "\(folder)/\(manifestName)")
        return GalleryArchive(folder: folder, manifest: manifest)
    }

    private static func write(
        _ records: [GalleryRecord], number: Int, dimension: Int, _ folder: String
    ) throws -> Part {
        let digits = String(format: "%05d", number)
        let (entries, vectors) = ("entries-\(digits).jsonl", "vectors-\(digits).safetensors")
        let encoder = encoder()
        var lines: [UInt8] = []
        for record in records { lines += try encoder.encode(Line(record)) + [0x0A] }
        try AtomicImageFile.write(lines, to: "\(folder)/\(entries)")
        var tensors = [
            "embeddings": try Tensor(
                values: records.flatMap(\.embedding), shape: [records.count, dimension])
        ]
        let thumbnails = records.flatMap { $0.thumbnail ?? [] }
        if !thumbnails.isEmpty {
            var end = 0
            let ends = records.map { record in
                end += record.thumbnail?.count ?? 0
                return end
            }
            tensors["thumbnails"] = try Tensor(thumbnails, shape: [thumbnails.count])
            tensors["thumbnailEnds"] = try Tensor(ends, shape: [ends.count])
        }
        try SafeTensors.write(tensors, to: "\(folder)/\(vectors)")
        return try Part(
            images: records.count, entries: entries, entriesSHA256: SHA256.of(lines), vectors: vectors,
            vectorsSHA256: SHA256.ofFile("\(folder)/\(vectors)"))
    }
}
