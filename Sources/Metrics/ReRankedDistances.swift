import Foundation

/// The result of k-reciprocal re-ranking, row by row.
struct ReRankedDistances: DistanceRows {
    let queryCount: Int
    let galleryCount: Int
    private let lambda: Float
    private let base: any PairwiseDistances
    /// Largest base distance from each image.
    private let largest: [Float]
    /// Weights over neighbours, sparse, of each image.
    private let encodings: [[(image: Int, weight: Float)]]
    /// Per image: gallery images (without the query offset) whose encoding contains it.
    private let holders: [[(image: Int, weight: Float)]]

    init(_ options: KReciprocalReRanking, _ base: any PairwiseDistances, queryCount: Int) throws {
        let count = base.count
        guard queryCount > 0, queryCount < count, options.k1 >= 1, options.k2 >= 1,
            (0...1).contains(options.lambda)
        else {
            throw MetricsError.invalidInput(
                "re-ranking \(queryCount) queries among \(count) images with k1 \(options.k1), k2 \(options.k2), lambda \(options.lambda): expected queries, gallery, k1, k2 >= 1 and lambda in 0...1"
            )
        }
        self.queryCount = queryCount
        galleryCount = count - queryCount
        lambda = Float(options.lambda)
        self.base = base

        // Pass 1: nearest neighbours of every image, by distance relative to its farthest image.
        let kept = min(count, max(options.k1 + 1, options.k2))
        var neighbours: [[Int]] = []
        var largest: [Float] = []
        let chunk = max(1, 4_194_304 / count)
        for start in stride(from: 0, to: count, by: chunk) {
            let range = start..<min(start + chunk, count)
            let rows = try base.rows(range)
            rows.withUnsafeBufferPointer { rows in
                for row in 0..<range.count {
                    let values = UnsafeBufferPointer(rebasing: rows[(row * count)..<((row + 1) * count)])
                    var top: Float = 0
                    for value in values where value > top { top = value }
                    let scale = top > 0 ? top : 1
                    largest.append(scale)
                    neighbours.append(Self.nearest(kept, values, dividedBy: scale))
                }
            }
        }

        // Pass 2: k-reciprocal neighbours, expanded by those of their neighbours that overlap by two thirds.
        let half = Int((Double(options.k1) / 2).rounded(.toNearestOrEven))
        let full = (0..<count).map { Self.reciprocal($0, options.k1 + 1, neighbours) }
        let halves = (0..<count).map { Self.reciprocal($0, half + 1, neighbours) }
        var encodings: [[(image: Int, weight: Float)]] = []
        for image in 0..<count {
            let core = Set(full[image])
            var members = core
            for candidate in full[image] {
                let others = halves[candidate]
                let common = others.count { core.contains($0) }
                if Double(common) > 2.0 / 3.0 * Double(others.count) { members.formUnion(others) }
            }
            let scale = largest[image]
            let weighted = members.sorted().map { member in
                (image: member, weight: expf(-base.distance(image, member) / scale))
            }
            let sum = weighted.reduce(Float(0)) { $0 + $1.weight }
            encodings.append(weighted.map { ($0.image, $0.weight / sum) })
        }
        if options.k2 > 1 { encodings = Self.expand(encodings, by: options.k2, neighbours) }

        var holders: [[(image: Int, weight: Float)]] = Array(repeating: [], count: count)
        for image in queryCount..<count {
            for (member, weight) in encodings[image] { holders[member].append((image - queryCount, weight)) }
        }
        self.largest = largest
        self.encodings = encodings
        self.holders = holders
    }

    func rows(_ range: Range<Int>) throws -> [Float] {
        let count = queryCount + galleryCount
        let result = try base.rows(range)
        var output: [Float] = []
        output.reserveCapacity(range.count * galleryCount)
        var overlap = [Float](repeating: 0, count: galleryCount)
        for (row, query) in range.enumerated() {
            for image in overlap.indices { overlap[image] = 0 }
            for (member, weight) in encodings[query] {
                for (image, other) in holders[member] { overlap[image] += min(weight, other) }
            }
            let start = row * count + queryCount
            for image in 0..<galleryCount {
                let jaccard = 1 - overlap[image] / (2 - overlap[image])
                output.append(jaccard * (1 - lambda) + result[start + image] / largest[query] * lambda)
            }
        }
        return output
    }

    /// Indices of the `kept` smallest values / `scale`, nearest first; ties by index.
    private static func nearest(
        _ kept: Int, _ values: UnsafeBufferPointer<Float>, dividedBy scale: Float
    ) -> [Int] {
        var best: [(value: Float, index: Int)] = []
        best.reserveCapacity(kept + 1)
        var limit = Float.infinity
        for index in values.indices {
            let value = values[index] / scale
            guard value < limit || best.count < kept else { continue }
            var position = best.count
            while position > 0, best[position - 1].value > value { position -= 1 }
            best.insert((value, index), at: position)
            if best.count > kept { best.removeLast() }
            if best.count == kept { limit = best[kept - 1].value }
        }
        return best.map(\.index)
    }

    /// The first `size` neighbours of `image` that have it among their own first `size`.
    private static func reciprocal(_ image: Int, _ size: Int, _ neighbours: [[Int]]) -> [Int] {
        neighbours[image].prefix(size).filter { neighbours[$0].prefix(size).contains(image) }
    }

    /// Each encoding becomes the mean of those of the first `count` neighbours (itself included).
    private static func expand(
        _ encodings: [[(image: Int, weight: Float)]], by count: Int, _ neighbours: [[Int]]
    ) -> [[(image: Int, weight: Float)]] {
        neighbours.map { own in
            let nearest = own.prefix(count)
            var sums: [Int: Float] = [:]
            for neighbour in nearest {
                for (image, weight) in encodings[neighbour] { sums[image, default: 0] += weight }
            }
            let size = Float(nearest.count)
            return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value / size) }
        }
    }
}
