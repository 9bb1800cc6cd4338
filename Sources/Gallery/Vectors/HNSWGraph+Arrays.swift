import CFaiss

extension HNSWGraph {
    /// A graph as plain numbers, to be kept in a file.
    struct Arrays {
        var entry: Int32
        /// Number of levels of each row.
        var levels: [Int32]
        /// Links of each row, level by level, -1 where there is none.
        var links: [Int32]
    }

    /// The graph without the rows that were taken out; the others are renumbered.
    /// - Parameter isLive: of every row, whether it is in the graph.
    func arrays(isLive: [Bool]) -> Arrays {
        var graph = cf_graph()
        cf_hnsw_view(handle, &graph)
        var number = [Int32](repeating: -1, count: Int(graph.count))
        var next: Int32 = 0
        for row in number.indices where isLive[row] {
            number[row] = next
            next += 1
        }
        var result = Arrays(entry: graph.entry < 0 ? -1 : number[Int(graph.entry)], levels: [], links: [])
        result.levels.reserveCapacity(Int(next))
        result.links.reserveCapacity(Int(graph.link_count))
        var place = 0
        for row in number.indices {
            let size = places(levels: Int(graph.levels[row]))
            if isLive[row] {
                result.levels.append(graph.levels[row])
                for link in UnsafeBufferPointer(start: graph.links + place, count: size) {
                    result.links.append(link < 0 ? -1 : number[Int(link)])
                }
            }
            place += size
        }
        return result
    }

    private func places(levels: Int) -> Int { connections * (levels + 1) }

    /// Takes over a graph that was kept.
    /// - Throws: `GalleryError.index` for links that lead nowhere.
    func restore(_ arrays: Arrays) throws(GalleryError) {
        let count = Int32(arrays.levels.count)
        var size = 0
        for level in arrays.levels {
            guard (1...64).contains(level) else { throw .index(reason: "a row has \(level) levels") }
            size += places(levels: Int(level))
        }
        guard size == arrays.links.count, arrays.links.allSatisfy({ (-1..<count).contains($0) }),
            count == 0 ? arrays.entry == -1 : (0..<count).contains(arrays.entry)
        else { throw .index(reason: "the graph has links that lead nowhere") }
        var links = arrays.links
        try links.withUnsafeMutableBufferPointer {
            (links: inout UnsafeMutableBufferPointer<Int32>) throws(GalleryError) in
            let links = links
            try arrays.levels.withUnsafeBufferPointer { (levels) throws(GalleryError) in
                var graph = cf_graph(
                    count: Int64(count), entry: arrays.entry,
                    top_level: count == 0 ? -1 : levels[Int(arrays.entry)] - 1, levels: levels.baseAddress,
                    offsets: nil,
                    links: links.baseAddress, link_count: Int64(links.count))
                try Faiss.call { error in cf_hnsw_restore(handle, &graph, error) }
            }
        }
    }
}
