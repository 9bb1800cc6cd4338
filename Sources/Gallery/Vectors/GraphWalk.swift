import CFaiss
import Foundation

/// A walk through a graph towards a query, with the memory that it needs.
///
/// FAISS 1.7.3 walks row by row; this one multiplies all unseen links of a row together, while their vectors are on the way
/// from memory.
final class GraphWalk {
    struct Stop {
        var similarity: Float
        var row: Int32
    }

    /// When each row was last seen: in which walk.
    private var seen: [UInt32] = []
    private var walk: UInt32 = 0
    /// Rows to go on from; the best is the root.
    private var open: [Stop] = []
    /// The best rows; the worst is the root.
    private var best: [Stop] = []
    private var links: [Int32] = []
    private var products: [Float] = []

    /// - Parameter width: how many of the best rows are kept, and gone on from.
    /// - Returns: rows, best first.
    func nearest(
        _ query: UnsafePointer<Float>, _ graph: cf_graph, connections: Int, _ rows: UnsafePointer<Float>,
        dimension: Int, width: Int
    ) -> [Stop] {
        begin(Int(graph.count), connections)
        let d = Int64(dimension)
        var here = Stop(
            similarity: cf_inner_product(query, rows + Int(graph.entry) * dimension, d), row: graph.entry)
        return seen.withUnsafeMutableBufferPointer { seen in
            links.withUnsafeMutableBufferPointer { links in
                products.withUnsafeMutableBufferPointer { products in
                    for level in stride(from: Int(graph.top_level), to: 0, by: -1) {
                        descend(&here, level, query, graph, connections, rows, d, links, products)
                    }
                    seen[Int(here.row)] = walk
                    open.push(here, before: Self.isBetter)
                    best.push(here, before: Self.isWorse)
                    while let next = open.pop(before: Self.isBetter) {
                        if best.count >= width, next.similarity < best[0].similarity { break }
                        var count = 0
                        let start = Int(graph.offsets[Int(next.row)])
                        for place in start..<(start + 2 * connections) {
                            let link = graph.links[place]
                            if link < 0 { break }
                            if seen[Int(link)] != walk {
                                seen[Int(link)] = walk
                                links[count] = link
                                count += 1
                            }
                        }
                        cf_inner_products_of(
                            query, rows, d, links.baseAddress!, Int64(count), products.baseAddress!)
                        for index in 0..<count {
                            let stop = Stop(similarity: products[index], row: links[index])
                            if best.count >= width {
                                guard stop.similarity > best[0].similarity else { continue }
                                best.replaceRoot(stop, before: Self.isWorse)
                            } else {
                                best.push(stop, before: Self.isWorse)
                            }
                            open.push(stop, before: Self.isBetter)
                        }
                    }
                    return best.sorted(by: Self.isBetter)
                }
            }
        }
    }

    private func begin(_ count: Int, _ connections: Int) {
        if seen.count < count { seen += repeatElement(0, count: count - seen.count) }
        if walk == .max {
            for index in seen.indices { seen[index] = 0 }
            walk = 0
        }
        walk += 1
        open.removeAll(keepingCapacity: true)
        best.removeAll(keepingCapacity: true)
        if links.count < 2 * connections {
            links = Array(repeating: 0, count: 2 * connections)
            products = Array(repeating: 0, count: 2 * connections)
        }
    }

    /// Goes to the best row of an upper level, always to a better one.
    private func descend(
        _ here: inout Stop, _ level: Int, _ query: UnsafePointer<Float>, _ graph: cf_graph,
        _ connections: Int,
        _ rows: UnsafePointer<Float>, _ d: Int64, _ links: UnsafeMutableBufferPointer<Int32>,
        _ products: UnsafeMutableBufferPointer<Float>
    ) {
        var isMoving = true
        while isMoving {
            isMoving = false
            let start = Int(graph.offsets[Int(here.row)]) + (level + 1) * connections
            var count = 0
            for place in start..<(start + connections) {
                let link = graph.links[place]
                if link < 0 { break }
                links[count] = link
                count += 1
            }
            cf_inner_products_of(query, rows, d, links.baseAddress!, Int64(count), products.baseAddress!)
            for index in 0..<count where products[index] > here.similarity {
                here = Stop(similarity: products[index], row: links[index])
                isMoving = true
            }
        }
    }

    @inline(__always) private static func isBetter(_ a: Stop, _ b: Stop) -> Bool {
        a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row
    }

    @inline(__always) private static func isWorse(_ a: Stop, _ b: Stop) -> Bool { isBetter(b, a) }
}

/// A heap: no element comes before the one above it.
extension Array where Element == GraphWalk.Stop {
    @inline(__always)
    fileprivate mutating func push(_ stop: Element, before: (Element, Element) -> Bool) {
        append(stop)
        withUnsafeMutableBufferPointer { heap in
            var child = heap.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard before(stop, heap[parent]) else { break }
                heap[child] = heap[parent]
                child = parent
            }
            heap[child] = stop
        }
    }

    @inline(__always)
    fileprivate mutating func pop(before: (Element, Element) -> Bool) -> Element? {
        guard let last = popLast() else { return nil }
        guard let root = first else { return last }
        replaceRoot(last, before: before)
        return root
    }

    @inline(__always)
    fileprivate mutating func replaceRoot(_ stop: Element, before: (Element, Element) -> Bool) {
        withUnsafeMutableBufferPointer { heap in
            var parent = 0
            while true {
                var child = 2 * parent + 1
                guard child < heap.count else { break }
                if child + 1 < heap.count, before(heap[child + 1], heap[child]) { child += 1 }
                guard before(heap[child], stop) else { break }
                heap[parent] = heap[child]
                parent = child
            }
            heap[parent] = stop
        }
    }
}

/// Walks that are not under way, to be used again.
final class GraphWalkPool: @unchecked Sendable {
    private let lock = NSLock()
    private var idle: [GraphWalk] = []

    func with<Value>(_ body: (GraphWalk) -> Value) -> Value {
        let walk = lock.withLock { idle.popLast() } ?? GraphWalk()
        defer { lock.withLock { idle.append(walk) } }
        return body(walk)
    }
}

extension HNSWGraph {
    /// Rows near a query of unit length, best first, with their inner products.
    public func search(_ query: [Float], top: Int) throws(GalleryError) -> [(row: Int, similarity: Float)] {
        guard query.count == dimension, top > 0 else {
            throw .invalidArgument(
                "a search needs \(dimension) values and at least one result; given \(query.count) and \(top)")
        }
        var graph = cf_graph()
        cf_hnsw_view(handle, &graph)
        guard graph.entry >= 0, let rows else { return [] }
        let found = walks.with {
            $0.nearest(
                query, graph, connections: connections, rows, dimension: dimension, width: max(width, top))
        }
        return found.prefix(top).map { (Int($0.row), $0.similarity) }
    }
}
