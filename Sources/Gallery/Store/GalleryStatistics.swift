import Foundation

/// Numbers about a gallery.
public struct GalleryStatistics: Codable, Sendable, Equatable {
    public var kind: SubjectKind
    public var model: EmbeddingModel
    /// Where it is: a file, or a server's database.
    public var location: String
    public var schemaVersion: Int
    public var images: Int
    /// Number of known people.
    public var identities: Int
    /// Number of images of nobody known.
    public var unidentified: Int
    /// Number of images by camera; images without a camera are not counted.
    public var cameras: [Int: Int]
    public var earliest: Date?
    public var latest: Date?
    public var thumbnails: Int
    /// Size of all files in bytes.
    public var bytes: Int64
    /// How vectors are searched.
    public var index: IndexSummary

    public init(
        kind: SubjectKind, model: EmbeddingModel, location: String, schemaVersion: Int, images: Int,
        identities: Int, unidentified: Int, cameras: [Int: Int], earliest: Date?, latest: Date?,
        thumbnails: Int, bytes: Int64, index: IndexSummary
    ) {
        self.kind = kind
        self.model = model
        self.location = location
        self.schemaVersion = schemaVersion
        self.images = images
        self.identities = identities
        self.unidentified = unidentified
        self.cameras = cameras
        self.earliest = earliest
        self.latest = latest
        self.thumbnails = thumbnails
        self.bytes = bytes
        self.index = index
    }
}
