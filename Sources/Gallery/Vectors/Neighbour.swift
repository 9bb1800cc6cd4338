/// A vector that a search found.
struct Neighbour: Sendable, Equatable {
    /// Id of the entry.
    var id: Int64
    /// Inner product with the query, -1 to 1.
    var similarity: Float

    init(id: Int64, similarity: Float) {
        self.id = id
        // Rounding may lead beyond; clamped before ranking, so that what looks equal is ranked as equal.
        self.similarity = min(1, max(-1, similarity))
    }

    /// Whether this one is ranked before another: by similarity, then by id.
    func precedes(_ other: Neighbour) -> Bool {
        similarity != other.similarity ? similarity > other.similarity : id < other.id
    }
}
