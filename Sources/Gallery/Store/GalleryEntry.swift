import Foundation

/// One image of a gallery, without its embedding and its thumbnail.
public struct GalleryEntry: Codable, Sendable, Equatable {
    /// Ascending in the order of addition; never used again.
    public var id: Int64
    /// Who is shown; nil where nobody said.
    public var identity: String?
    /// Where the image came from.
    public var path: String
    /// Of the image file, in lower-case hexadecimal.
    public var sha256: String
    public var camera: Int?
    /// When the image was taken.
    public var time: Date?
    /// The subject in the image in pixels, [x, y, width, height]; nil when the whole image shows it.
    public var box: [Int]?
    /// Value by attribute name.
    public var attributes: [String: String]
    public var addedAt: Date

    public init(
        id: Int64, identity: String? = nil, path: String, sha256: String, camera: Int? = nil,
        time: Date? = nil, box: [Int]? = nil, attributes: [String: String] = [:], addedAt: Date
    ) {
        self.id = id
        self.identity = identity
        self.path = path
        self.sha256 = sha256
        self.camera = camera
        self.time = time
        self.box = box
        self.attributes = attributes
        self.addedAt = addedAt
    }
}
