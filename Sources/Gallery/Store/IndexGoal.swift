/// What an index is to reach.
public struct IndexGoal: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// By the gallery's size.
        case automatic
        /// Every vector is compared.
        case exact
        /// A graph over all vectors (Malkov & Yashunin, 2018).
        case hnsw
        /// Inverted lists of product-quantised vectors (Jégou et al., 2011), re-ranked by the exact ones.
        case ivfpq
    }

    public var kind: Kind
    /// Share of the true ten nearest that a search must find, 0 to 1.
    public var recall: Double
    /// Threads that build the index; nil means one per core.
    public var threads: Int?

    public init(kind: Kind = .automatic, recall: Double = 0.99, threads: Int? = nil) {
        self.kind = kind
        self.recall = recall
        self.threads = threads
    }

    /// - Throws: `GalleryError.invalidArgument` naming what no index can reach.
    func check() throws(GalleryError) {
        guard (0.5...1).contains(recall) else {
            throw .invalidArgument("a recall of \(recall) cannot be aimed at; give 0.5 to 1")
        }
        if let threads, threads < 1 {
            throw .invalidArgument("an index needs at least one thread; given \(threads)")
        }
    }
}
