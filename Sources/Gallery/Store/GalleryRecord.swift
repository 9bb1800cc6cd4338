/// All that a gallery keeps of one image.
public struct GalleryRecord: Sendable, Equatable {
    public var entry: GalleryEntry
    /// Of unit length.
    public var embedding: [Float]
    /// JPEG.
    public var thumbnail: [UInt8]?

    public init(entry: GalleryEntry, embedding: [Float], thumbnail: [UInt8]?) {
        self.entry = entry
        self.embedding = embedding
        self.thumbnail = thumbnail
    }
}
