import Foundation

/// How well and how fast a way of searching finds the ten nearest, measured with the gallery's own vectors as queries. A
/// query does not count as its own neighbour.
struct RecallMeasurement {
    static let top = 10

    struct Query {
        let id: Int64
        let vector: [Float]
        /// Similarity of the last of the true nearest: whatever is as similar counts as found.
        var threshold: Float = -2
        /// Number of true nearest: fewer than ten in a small gallery.
        var expected = 0
    }

    struct Result {
        var recall: Double
        /// Median of one search.
        var milliseconds: Double
    }

    private(set) var queries: [Query] = []

    /// - Parameter exact: the most similar entries, every vector compared; the query among them.
    init(
        _ samples: [(id: Int64, vector: [Float])],
        exact: ([Float], Int) throws(GalleryError) -> [Neighbour]
    ) throws(GalleryError) {
        for sample in samples {
            let nearest = try exact(sample.vector, Self.top + 1).filter { $0.id != sample.id }
                .prefix(Self.top)
            queries.append(
                Query(
                    id: sample.id, vector: sample.vector, threshold: nearest.last?.similarity ?? 2,
                    expected: nearest.count))
        }
    }

    /// - Parameter search: the most similar entries, found in the way that is measured; the query among them.
    func measure(
        _ search: ([Float], Int) throws(GalleryError) -> [Neighbour]
    ) throws(GalleryError) -> Result {
        let clock = ContinuousClock()
        var (found, expected) = (0, 0)
        var times: [Double] = []
        for query in queries where query.expected > 0 {
            let start = clock.now
            let neighbours = try search(query.vector, Self.top + 1)
            times.append((clock.now - start) / .milliseconds(1))
            // Summation order may differ between ways of searching; 1e-6 is far below what matters.
            let right = neighbours.filter { $0.id != query.id && $0.similarity >= query.threshold - 1e-6 }
            found += min(right.count, query.expected)
            expected += query.expected
        }
        return Result(
            recall: expected == 0 ? 1 : Double(found) / Double(expected),
            milliseconds: times.isEmpty ? 0 : times.sorted()[times.count / 2])
    }

    /// Positions spread over 0..<count, the same each time.
    static func positions(_ wanted: Int, of count: Int) -> [Int] {
        guard count > wanted else { return Array(0..<count) }
        return (0..<wanted).map { $0 * count / wanted + (count / wanted) / 2 }
    }
}
