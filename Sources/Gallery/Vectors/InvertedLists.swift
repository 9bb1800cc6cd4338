import CFaiss

/// Inverted lists of product-quantised vectors (Jégou et al., 2011): codes only, keyed by the ids of entries. What it finds
/// is to be ranked again by the vectors themselves.
///
/// Searching from several threads is safe; everything else needs it alone.
final class InvertedLists: @unchecked Sendable {
    let dimension: Int
    let lists: Int
    /// Bytes per code.
    let parts: Int
    private let handle: OpaquePointer

    init(dimension: Int, lists: Int, parts: Int) throws(GalleryError) {
        self.dimension = dimension
        self.lists = lists
        self.parts = parts
        var made: OpaquePointer?
        try Faiss.call { error in
            cf_ivfpq_make(Int64(dimension), Int64(lists), Int64(parts), &made, error)
        }
        guard let made else { throw .index(reason: "FAISS made no lists") }
        handle = made
    }

    deinit { cf_ivfpq_free(handle) }

    var count: Int { Int(cf_ivfpq_count(handle)) }
    var bytes: Int { count * (parts + 8) + (lists + 256) * dimension * 4 }

    /// - Parameter rows: [rows, dimension].
    func train(_ rows: [Float], threads: Int?) throws(GalleryError) {
        try Faiss.call { error in
            cf_ivfpq_train(handle, rows, Int64(rows.count / dimension), Int32(threads ?? 0), error)
        }
    }

    /// - Parameter rows: [ids.count, dimension].
    func add(_ rows: [Float], ids: [Int64], threads: Int? = nil) throws(GalleryError) {
        try Faiss.call { error in
            cf_ivfpq_add(handle, rows, ids, Int64(ids.count), Int32(threads ?? 0), error)
        }
    }

    func remove(_ ids: [Int64]) throws(GalleryError) {
        guard !ids.isEmpty else { return }
        var removed: Int64 = 0
        try Faiss.call { error in cf_ivfpq_remove(handle, ids, Int64(ids.count), &removed, error) }
    }

    /// Ids of entries near a query of unit length.
    func search(_ query: [Float], candidates: Int, probes: Int) throws(GalleryError) -> [Int64] {
        var ids = [Int64](repeating: -1, count: candidates)
        try Faiss.call { error in
            cf_ivfpq_search(handle, query, Int64(candidates), Int64(min(probes, lists)), &ids, error)
        }
        return ids.filter { $0 >= 0 }
    }

    /// The lists as plain numbers, to be kept in a file.
    struct Arrays {
        /// [lists, dimension].
        var coarse: [Float]
        /// [parts, 256, dimension / parts].
        var fine: [Float]
        /// Number of entries of each list.
        var sizes: [Int64]
        /// List after list.
        var ids: [Int64]
        var codes: [UInt8]
    }

    func arrays() -> Arrays {
        var (coarse, fine): (UnsafePointer<Float>?, UnsafePointer<Float>?) = (nil, nil)
        var (coarseCount, fineCount): (Int64, Int64) = (0, 0)
        cf_ivfpq_centroids(handle, &coarse, &coarseCount, &fine, &fineCount)
        var result = Arrays(
            coarse: Array(UnsafeBufferPointer(start: coarse, count: Int(coarseCount))),
            fine: Array(UnsafeBufferPointer(start: fine, count: Int(fineCount))), sizes: [], ids: [],
            codes: [])
        for list in 0..<lists {
            var (ids, codes): (UnsafePointer<Int64>?, UnsafePointer<UInt8>?) = (nil, nil)
            var size: Int64 = 0
            cf_ivfpq_list(handle, Int64(list), &size, &ids, &codes)
            result.sizes.append(size)
            result.ids += UnsafeBufferPointer(start: ids, count: Int(size))
            result.codes += UnsafeBufferPointer(start: codes, count: Int(size) * parts)
        }
        return result
    }

    func restore(_ arrays: Arrays) throws(GalleryError) {
        guard arrays.coarse.count == lists * dimension, arrays.fine.count == 256 * dimension,
            arrays.sizes.count == lists, arrays.sizes.allSatisfy({ $0 >= 0 }),
            arrays.sizes.reduce(0, +) == arrays.ids.count, arrays.codes.count == arrays.ids.count * parts
        else { throw .index(reason: "the inverted lists do not fit together") }
        try Faiss.call { error in cf_ivfpq_restore(handle, arrays.coarse, arrays.fine, error) }
        var start = 0
        for (list, size) in arrays.sizes.enumerated() where size > 0 {
            let end = start + Int(size)
            let (ids, codes) = (
                Array(arrays.ids[start..<end]), Array(arrays.codes[(start * parts)..<(end * parts)])
            )
            try Faiss.call { error in cf_ivfpq_append(handle, Int64(list), size, ids, codes, error) }
            start = end
        }
    }
}
