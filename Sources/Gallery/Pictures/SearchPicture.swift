import Foundation
import Imaging

/// The picture of a search: what was searched for, framed blue, and what was found, best first.
public struct SearchPicture {
    /// Height of each picture in pixels.
    public var height = 192
    /// Pictures a row, the query among them.
    public var columns = 11

    public init() {}

    /// - Parameter store: whose thumbnails are shown; where there is none, the file itself, and a grey field where that
    ///   is gone too.
    /// - Throws: `GalleryError`, `ImagingError`.
    public func image(query: Image, hits: [GalleryHit], of store: any GalleryStore) throws -> Image {
        var pictures = [query.rgb()]
        var captions = ["query"]
        for hit in hits {
            pictures.append(try picture(of: hit.entry, in: store))
            let parts = [
                String(format: "%d: %.3f", hit.rank, hit.similarity), hit.entry.identity,
                hit.entry.camera.map { "camera \($0)" },
            ]
            captions.append(parts.compactMap { $0 }.joined(separator: ", "))
        }
        var style = Panel.Style()
        style.frame = 4
        style.textSize = 10
        let cell = (width: store.kind == .person ? height / 2 : height, height: height)
        return try Panel.grid(
            pictures, columns: columns, captions: captions, cell: cell,
            frames: [.blue] + [Colour?](repeating: nil, count: hits.count),
            title: "\(hits.count) most similar in \(store.location)", style: style)
    }

    private func picture(of entry: GalleryEntry, in store: any GalleryStore) throws -> Image {
        if let thumbnail = try store.thumbnail(entry.id), let picture = try? Image.decode(thumbnail) {
            return picture.rgb()
        }
        guard let photo = try? Image.read(entry.path).rgb() else {
            return Image(width: height / 2, height: height, channels: 3, fill: 200)
        }
        return entry.box.map { photo.cut($0) } ?? photo
    }
}
