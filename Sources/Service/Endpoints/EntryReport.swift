import Foundation
import Gallery

/// An entry as the API shows it: without the place in the server's file system that it may have come from.
struct EntryReport: Encodable {
    let id: Int64
    let identity: String?
    /// The last part of where the image came from.
    let name: String
    let sha256: String
    let camera: Int?
    let time: Date?
    let box: [Int]?
    let attributes: [String: String]
    let addedAt: Date
    /// The address of its thumbnail.
    let thumbnail: String

    init(_ entry: GalleryEntry, _ kind: SubjectKind) {
        id = entry.id
        identity = entry.identity
        name = entry.path.split(separator: "/").last.map(String.init) ?? ""
        sha256 = entry.sha256
        camera = entry.camera
        time = entry.time
        box = entry.box
        attributes = entry.attributes
        addedAt = entry.addedAt
        thumbnail = "/v1/gallery/\(kind.rawValue)/entries/\(entry.id)/thumbnail"
    }
}
