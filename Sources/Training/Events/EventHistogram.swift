import Foundation

/// Counts of values over TensorFlow's default buckets: limits ±1e-12 · 1.1ⁿ up to 1e20, and 0.
struct EventHistogram {
    private(set) var minimum = 0.0
    private(set) var maximum = 0.0
    private(set) var count = 0
    private(set) var sum = 0.0
    private(set) var sumOfSquares = 0.0
    /// Upper limits of the buckets from the first to the last occupied one, with an empty bucket before.
    private(set) var limits: [Double] = []
    private(set) var buckets: [Double] = []

    private static let edges: [Double] = {
        var positive: [Double] = []
        var edge = 1e-12
        while edge < 1e20 {
            positive.append(edge)
            edge *= 1.1
        }
        return positive.reversed().map { -$0 } + [0] + positive
    }()

    /// Values that are not finite are left out.
    init(_ values: [Float]) {
        let finite = values.lazy.filter(\.isFinite).map(Double.init)
        guard let first = finite.first else { return }
        (minimum, maximum) = (first, first)
        // counts[i] counts edges[i] <= value < edges[i + 1].
        var counts = [Int](repeating: 0, count: Self.edges.count - 1)
        for value in finite {
            minimum = Swift.min(minimum, value)
            maximum = Swift.max(maximum, value)
            count += 1
            sum += value
            sumOfSquares += value * value
            counts[Self.bucket(of: value)] += 1
        }
        guard let low = counts.firstIndex(where: { $0 > 0 }), let high = counts.lastIndex(where: { $0 > 0 })
        else {
            return
        }
        limits = Array(Self.edges[low...(high + 1)])
        buckets = [0] + counts[low...high].map(Double.init)
    }

    private static func bucket(of value: Double) -> Int {
        var (low, high) = (0, edges.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if edges[middle] <= value { low = middle } else { high = middle }
        }
        return low
    }
}
