/// Keeps the best of many neighbours: a heap whose root is the worst of those that are kept.
struct BestNeighbours {
    private let capacity: Int
    private var heap: [Neighbour] = []

    init(_ capacity: Int) { self.capacity = capacity }

    /// Anything less similar than this is not kept.
    var floor: Float { heap.count < capacity ? -.infinity : heap[0].similarity }

    mutating func insert(_ neighbour: Neighbour) {
        if heap.count < capacity {
            heap.append(neighbour)
            var child = heap.count - 1
            while child > 0, heap[(child - 1) / 2].precedes(heap[child]) {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        } else if capacity > 0, neighbour.precedes(heap[0]) {
            heap[0] = neighbour
            sink()
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[worst].precedes(heap[child]) {
                worst = child
            }
            guard worst != parent else { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }

    /// Best first.
    var ranked: [Neighbour] { heap.sorted { $0.precedes($1) } }
}
