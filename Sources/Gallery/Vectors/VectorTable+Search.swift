import CFaiss
import Foundation

extension VectorTable {
    /// Below this many rows, starting threads takes longer than comparing.
    private static var rowsPerThread: Int { 8192 }

    func similarity(_ query: [Float], _ index: Int) -> Float {
        cf_inner_product(query, row(index), Int64(dimension))
    }

    /// The best of some rows, every one compared.
    /// - Parameters:
    ///   - rows: which rows; removed ones are left out.
    ///   - top: how many at most.
    func nearest(_ query: [Float], rows: Range<Int>, top: Int) -> [Neighbour] {
        parallel(rows.count, top) { part, best in
            let block = 1024
            withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { products in
                let end = rows.lowerBound + part.upperBound
                var start = rows.lowerBound + part.lowerBound
                while start < end {
                    let count = min(block, end - start)
                    cf_inner_products(
                        query, row(start), Int64(dimension), Int64(count), products.baseAddress!)
                    for offset in 0..<count
                    where products[offset] >= best.floor && isLive[start + offset] {
                        best.insert(Neighbour(id: ids[start + offset], similarity: products[offset]))
                    }
                    start += count
                }
            }
        }
    }

    /// The best of the entries with these ids.
    func nearest(_ query: [Float], among chosen: [Int64], top: Int) -> [Neighbour] {
        parallel(chosen.count, top) { part, best in
            for id in chosen[part] {
                guard let index = index(of: id) else { continue }
                let product = similarity(query, index)
                if product >= best.floor { best.insert(Neighbour(id: id, similarity: product)) }
            }
        }
    }

    /// - Parameter body: compares a part of 0..<count.
    private func parallel(
        _ count: Int, _ top: Int, _ body: (Range<Int>, inout BestNeighbours) -> Void
    ) -> [Neighbour] {
        let parts = max(
            1, min(ProcessInfo.processInfo.activeProcessorCount, count / Self.rowsPerThread))
        guard parts > 1 else {
            var best = BestNeighbours(top)
            body(0..<count, &best)
            return best.ranked
        }
        // Each part writes its own place, and `body` only reads.
        nonisolated(unsafe) let compare = body
        nonisolated(unsafe) let places = UnsafeMutablePointer<[Neighbour]>.allocate(capacity: parts)
        places.initialize(repeating: [], count: parts)
        defer {
            places.deinitialize(count: parts)
            places.deallocate()
        }
        withoutActuallyEscaping(compare) { compare in
            nonisolated(unsafe) let compare = compare
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                var best = BestNeighbours(top)
                compare((part * count / parts)..<((part + 1) * count / parts), &best)
                places[part] = best.ranked
            }
        }
        var best = BestNeighbours(top)
        for part in 0..<parts { for neighbour in places[part] { best.insert(neighbour) } }
        return best.ranked
    }
}
