import Imaging
import Resources

/// Adds image files to a gallery: reads, finds who is there already, embeds the others and stores them, batch by batch.
///
/// A batch is stored as a whole or not at all. What was stored stays when a later batch fails, and is known by its content
/// when the same files are indexed again: so an interrupted run goes on where it stopped.
public struct GalleryIndexer {
    /// Longer side of thumbnails in pixels; nil keeps none.
    public var thumbnailSide: Int? = 160
    public var limits = DecodeLimits()

    private let store: any GalleryStore
    private let embedder: any SubjectEmbedder
    private let actor: String
    /// Pixels that are decoded before they are embedded and let go.
    private static let pixelBudget = 40_000_000
    /// Files that are decoded at once.
    private static let chunk = 8

    /// - Parameter actor: who does it, for the audit log.
    /// - Throws: `GalleryError.otherKind`, `.otherModel` for embeddings that do not belong into the gallery.
    public init(_ store: any GalleryStore, embedder: any SubjectEmbedder, actor: String) throws(GalleryError)
    {
        try store.require(kind: embedder.kind, model: embedder.model)
        self.store = store
        self.embedder = embedder
        self.actor = actor
    }

    /// A file that was read.
    private struct File: Sendable {
        let item: IndexItem
        let bytes: [UInt8]
        let sha256: String
    }

    /// - Parameter progress: told before the first batch and after each; what it throws ends the run between two batches.
    /// - Throws: what the store, the embedder or `progress` throws. Files that cannot be read are in the report.
    public func callAsFunction(
        _ items: [IndexItem], progress: (IndexReport) throws -> Void = { _ in }
    ) throws -> IndexReport {
        var report = IndexReport(files: items.count)
        try progress(report)
        for start in stride(from: 0, to: items.count, by: embedder.batch) {
            try index(Array(items[start..<min(start + embedder.batch, items.count)]), &report)
            try progress(report)
        }
        return report
    }

    private func index(_ items: [IndexItem], _ report: inout IndexReport) throws {
        let limits = limits
        let files = items.concurrentMap { item in
            Result { () throws(ImagingError) in
                let bytes = try ImageFile.read(item.path, limits: limits)
                return File(item: item, bytes: bytes, sha256: SHA256.of(bytes))
            }
        }
        var seen = try store.known(files.compactMap { try? $0.get().sha256 })
        var fresh: [File] = []
        for (item, file) in zip(items, files) {
            switch file {
            case .success(let file) where seen.insert(file.sha256).inserted: fresh.append(file)
            case .success: report.duplicates += 1
            case .failure(let error): report.add(item, error)
            }
        }
        var entries: [NewGalleryEntry] = []
        var waiting: [(file: File, photo: Image)] = []
        var pixels = 0
        for start in stride(from: 0, to: fresh.count, by: Self.chunk) {
            let chunk = Array(fresh[start..<min(start + Self.chunk, fresh.count)])
            let photos = chunk.concurrentMap { file in
                Result { () throws(ImagingError) in
                    try Image.decode(file.bytes, name: file.item.path, limits: limits).rgb()
                }
            }
            for (file, photo) in zip(chunk, photos) {
                switch photo {
                case .success(let photo):
                    waiting.append((file, photo))
                    pixels += photo.width * photo.height
                case .failure(let error): report.add(file.item, error)
                }
            }
            if pixels > Self.pixelBudget {
                entries += try embed(waiting, &report)
                (waiting, pixels) = ([], 0)
            }
        }
        entries += try embed(waiting, &report)
        if !entries.isEmpty { report.added += try store.add(entries, actor: actor).added }
        report.done += items.count
    }

    private func embed(_ photos: [(file: File, photo: Image)], _ report: inout IndexReport) throws
        -> [NewGalleryEntry]
    {
        guard !photos.isEmpty else { return [] }
        var entries: [NewGalleryEntry] = []
        var pictures: [Image] = []
        for ((file, _), subjects) in zip(photos, try embedder.subjects(of: photos.map(\.photo))) {
            let item = file.item
            if subjects.isEmpty { report.empty.append(item.path) }
            let time = item.time ?? Image.captureTime(of: file.bytes)
            for subject in subjects {
                // Of several faces, only the one that the photo is about is known to be the named person's.
                entries.append(
                    NewGalleryEntry(
                        identity: subject.isMain ? item.identity : nil, path: item.path,
                        sha256: file.sha256, camera: item.camera, time: time, box: subject.box,
                        attributes: subject.attributes.merging(item.attributes) { _, stated in stated },
                        embedding: subject.embedding))
                pictures.append(subject.picture)
            }
        }
        guard let side = thumbnailSide else { return entries }
        let thumbnails = pictures.concurrentMap { picture in
            Result { () throws(ImagingError) in try picture.thumbnail(side: side) }
        }
        for (index, thumbnail) in thumbnails.enumerated() { entries[index].thumbnail = try thumbnail.get() }
        return entries
    }
}

extension IndexReport {
    fileprivate mutating func add(_ item: IndexItem, _ error: ImagingError) {
        unreadable.append(Unreadable(file: item.path, reason: "\(error)"))
    }
}
