/// What changes about a gallery as a whole, at one moment.
struct GalleryState: Sendable, Equatable {
    var uuid: String
    /// Counts every addition, deletion and choice of an index.
    var changes: Int64
    /// Counts deletions.
    var deletions: Int64
    /// Sum of the digests of all vectors.
    var vectorDigest: UInt64
    /// Sum of the digests of everything else of all entries.
    var rowDigest: UInt64
    var plan: IndexPlan
}
