import CFaiss

/// The vectors in the database, read one after the other.
struct StoredVectors {
    private let connection: SQLiteConnection
    private let dimension: Int

    init(_ connection: SQLiteConnection, dimension: Int) {
        self.connection = connection
        self.dimension = dimension
    }

    /// Hands over every vector whose id is above `id`, in the order of ids.
    func each(
        after id: Int64, _ body: (Int64, UnsafeRawBufferPointer) throws(GalleryError) -> Void
    ) throws(GalleryError) {
        try connection.each(
            "SELECT image, vector FROM embeddings WHERE image > ? ORDER BY image", [.integer(id)]
        ) { (row: SQLiteRow) throws(GalleryError) in
            try body(row.integer(0), try checked(row.blob(1), row.integer(0)))
        }
    }

    func nearest(_ query: [Float], after id: Int64, top: Int) throws(GalleryError) -> [Neighbour] {
        var best = BestNeighbours(top)
        try each(after: id) { (id, vector) throws(GalleryError) in
            best.insert(Neighbour(id: id, similarity: product(query, vector)))
        }
        return best.ranked
    }

    func nearest(_ query: [Float], among ids: [Int64], top: Int) throws(GalleryError) -> [Neighbour] {
        var best = BestNeighbours(top)
        for id in ids {
            try connection.each("SELECT vector FROM embeddings WHERE image = ?", [.integer(id)]) {
                (row: SQLiteRow) throws(GalleryError) in
                best.insert(
                    Neighbour(id: id, similarity: product(query, try checked(row.blob(0), id))))
            }
        }
        return best.ranked
    }

    /// - Parameter vector: as many floats as the query, wherever SQLite put them.
    private func product(_ query: [Float], _ vector: UnsafeRawBufferPointer) -> Float {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { copy in
            UnsafeMutableRawBufferPointer(copy).copyMemory(from: vector)
            return cf_inner_product(query, copy.baseAddress!, Int64(dimension))
        }
    }

    private func checked(
        _ vector: UnsafeRawBufferPointer, _ id: Int64
    ) throws(GalleryError) -> UnsafeRawBufferPointer {
        guard vector.count == dimension * MemoryLayout<Float>.stride else {
            throw .index(
                reason: "the embedding of entry \(id) has \(vector.count) bytes, expected \(4 * dimension)")
        }
        return vector
    }
}
