import CFaiss

/// A hierarchical navigable small-world graph (Malkov & Yashunin, 2018) over rows of unit length that the caller keeps.
///
/// Searching from several threads is safe; everything else needs the graph alone.
public final class HNSWGraph: @unchecked Sendable {
    public let dimension: Int
    /// Links per row and level; twice as many on the lowest.
    public let connections: Int
    /// Width of the search for links of a new row.
    public let constructionWidth: Int
    /// Width of a search: how many candidates it keeps.
    public var width = 64
    let handle: OpaquePointer
    let walks = GraphWalkPool()
    private(set) var rows: UnsafePointer<Float>?

    /// - Throws: `GalleryError.index`.
    public init(dimension: Int, connections: Int = 32, constructionWidth: Int = 100) throws(GalleryError) {
        self.dimension = dimension
        self.connections = connections
        self.constructionWidth = constructionWidth
        var made: OpaquePointer?
        try Faiss.call { error in
            cf_hnsw_make(Int64(dimension), Int32(connections), Int32(constructionWidth), &made, error)
        }
        guard let made else { throw .index(reason: "FAISS made no graph") }
        handle = made
    }

    deinit { cf_hnsw_free(handle) }

    /// Number of linked rows.
    public var count: Int { Int(cf_hnsw_count(handle)) }

    /// Memory of the links in bytes.
    public var bytes: Int {
        var graph = cf_graph()
        cf_hnsw_view(handle, &graph)
        return Int(graph.link_count) * 4 + Int(graph.count) * 12
    }

    /// Says where the rows are, [rows, dimension]; needed before anything else, and again when they move.
    public func setRows(_ rows: UnsafePointer<Float>) {
        self.rows = rows
        cf_hnsw_set_rows(handle, rows)
    }

    /// Links the next `count` rows.
    /// - Parameter threads: nil means one per core.
    public func add(_ count: Int, threads: Int? = nil) throws(GalleryError) {
        guard count > 0 else { return }
        try Faiss.call { error in cf_hnsw_add(handle, Int64(count), Int32(threads ?? 0), error) }
    }
}
