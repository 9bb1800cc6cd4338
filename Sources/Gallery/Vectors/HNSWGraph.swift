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
    public private(set) var width = 64
    let handle: OpaquePointer

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
        cf_hnsw_set_ef(made, Int32(width))
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

    public func setWidth(_ width: Int) {
        self.width = width
        cf_hnsw_set_ef(handle, Int32(width))
    }

    /// Says where the rows are, [rows, dimension]; needed before anything else, and again when they move.
    public func setRows(_ rows: UnsafePointer<Float>) { cf_hnsw_set_rows(handle, rows) }

    /// Links the next `count` rows.
    /// - Parameter threads: nil means one per core.
    public func add(_ count: Int, threads: Int? = nil) throws(GalleryError) {
        guard count > 0 else { return }
        try Faiss.call { error in cf_hnsw_add(handle, Int64(count), Int32(threads ?? 0), error) }
    }

    /// Rows near a query of unit length, best first, with their inner products.
    public func search(_ query: [Float], top: Int) throws(GalleryError) -> [(row: Int, similarity: Float)] {
        guard query.count == dimension, top > 0 else {
            throw .invalidArgument(
                "a search needs \(dimension) values and at least one result; given \(query.count) and \(top)")
        }
        var rows = [Int64](repeating: -1, count: top)
        var products = [Float](repeating: 0, count: top)
        try Faiss.call { error in cf_hnsw_search(handle, query, Int64(top), &rows, &products, error) }
        return zip(rows, products).prefix { $0.0 >= 0 }.map { (Int($0.0), $0.1) }
    }
}
