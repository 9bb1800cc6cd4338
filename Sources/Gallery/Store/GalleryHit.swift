/// One result of a search.
public struct GalleryHit: Codable, Sendable, Equatable {
    public var entry: GalleryEntry
    /// Cosine of both embeddings, -1 to 1.
    public var similarity: Float
    /// From 1; equal similarities are ranked by id.
    public var rank: Int

    public init(entry: GalleryEntry, similarity: Float, rank: Int) {
        self.entry = entry
        self.similarity = similarity
        self.rank = rank
    }
}
