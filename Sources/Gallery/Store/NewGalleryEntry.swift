import Foundation

/// One image to be added to a gallery.
public struct NewGalleryEntry: Sendable, Equatable {
    public var identity: String?
    public var path: String
    /// Of the image file: 64 hexadecimal digits. Together with `box` it tells duplicates.
    public var sha256: String
    public var camera: Int?
    public var time: Date?
    /// [x, y, width, height] in pixels; nil when the whole image shows the subject.
    public var box: [Int]?
    public var attributes: [String: String]
    /// Of unit length, as many values as the gallery's model has dimensions.
    public var embedding: [Float]
    /// A small JPEG.
    public var thumbnail: [UInt8]?
    /// When the entry was first added, if it comes from another gallery; nil means now.
    public var addedAt: Date?

    public init(
        identity: String? = nil, path: String, sha256: String, camera: Int? = nil, time: Date? = nil,
        box: [Int]? = nil, attributes: [String: String] = [:], embedding: [Float],
        thumbnail: [UInt8]? = nil, addedAt: Date? = nil
    ) {
        self.identity = identity
        self.path = path
        self.sha256 = sha256
        self.camera = camera
        self.time = time
        self.box = box
        self.attributes = attributes
        self.embedding = embedding
        self.thumbnail = thumbnail
        self.addedAt = addedAt
    }
}
