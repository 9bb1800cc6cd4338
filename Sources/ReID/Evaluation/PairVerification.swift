import Metrics

/// Verification over all query-gallery pairs that count: the same person by another camera, or another person; junk
/// left out.
///
/// Exact without holding the different-person distances (54 million for Market-1501): the ROC can rise only at
/// same-person distances, so it is enough to count, for each of those, the different-person pairs below it.
public struct PairVerification: Sendable, Equatable {
    /// A corner of the receiver operating characteristic: shares of different-person and same-person pairs accepted.
    public struct Corner: Sendable, Equatable {
        public let far: Double
        public let tar: Double
    }

    /// Distances of same-person pairs, ascending.
    public let genuine: [Float]
    /// Number of different-person pairs.
    public let impostor: Int
    /// Different-person pairs at a distance of at most `genuine[k]`.
    private let accepted: [Int]
    /// Different-person pairs at exactly `genuine[k]`, stored at the first of equal ones.
    private let tied: [Int]

    /// - Throws: `MetricsError.empty` if there are no pairs of one kind; what `distances` throws.
    public init(
        _ distances: some DistanceRows, queries: [Sighting], gallery: [Sighting], chunk: Int = 256
    ) throws {
        guard distances.queryCount == queries.count, distances.galleryCount == gallery.count, chunk > 0 else {
            throw MetricsError.invalidInput(
                "distances of \(distances.queryCount) x \(distances.galleryCount) for \(queries.count) queries and \(gallery.count) gallery images"
            )
        }
        func walk(_ visit: (_ query: Int, _ row: UnsafeBufferPointer<Float>) -> Void) throws {
            for start in stride(from: 0, to: queries.count, by: chunk) {
                let range = start..<min(start + chunk, queries.count)
                try distances.rows(range).withUnsafeBufferPointer { block in
                    for query in range where queries[query].person >= 0 {
                        let from = (query - start) * gallery.count
                        visit(query, UnsafeBufferPointer(rebasing: block[from..<(from + gallery.count)]))
                    }
                }
            }
        }
        var same: [Float] = []
        let byPerson = Dictionary(grouping: gallery.indices, by: { gallery[$0].person })
        try walk { query, row in
            for image in byPerson[queries[query].person] ?? []
            where gallery[image].camera != queries[query].camera { same.append(row[image]) }
        }
        same.sort()
        let people = gallery.map(\.person)
        let counter = BucketedSearch(same)
        var (below, equal) = (
            [Int](repeating: 0, count: same.count + 1), [Int](repeating: 0, count: same.count)
        )
        var total = 0
        if !same.isEmpty {
            try walk { query, row in
                let own = queries[query].person
                for image in row.indices {
                    let person = people[image]
                    guard person >= 0, person != own else { continue }
                    total += 1
                    let place = counter.countBelow(row[image])
                    below[place] += 1
                    if place < same.count, same[place] == row[image] { equal[place] += 1 }
                }
            }
        }
        guard !same.isEmpty, total > 0 else {
            throw MetricsError.empty(
                "verification needs pairs of both kinds: \(same.count) of one person by two cameras, \(total) of two people"
            )
        }
        genuine = same
        impostor = total
        // x <= genuine[k] exactly if at most k same-person distances are below x.
        var sum = 0
        accepted = below.prefix(same.count).map {
            sum += $0
            return sum
        }
        tied = equal
    }

    /// Probability that a same-person pair is nearer than a different-person pair, ties counted half.
    public var auc: Double {
        var wins = 0.0
        var last = 0
        forEachStep { first, end, _, after in
            // Pairs between the previous distance and this one lose to `first` same-person pairs, ties to half of the rest.
            let ties = tied[first]
            wins += Double(after - ties - last) * Double(first)
            wins += Double(ties) * (Double(first) + Double(end - first) / 2)
            last = after
        }
        wins += Double(impostor - last) * Double(genuine.count)
        return wins / Double(genuine.count) / Double(impostor)
    }

    /// Equal error rate: where the straight-line ROC meets FAR = 1 - TAR.
    public var eer: Double {
        var previous = Corner(far: 0, tar: 0)
        for point in points() {
            let (before, now) = (1 - previous.tar - previous.far, 1 - point.tar - point.far)
            if now <= 0 {
                let share = before == now ? 0 : before / (before - now)
                return previous.far + share * (point.far - previous.far)
            }
            previous = point
        }
        return 1
    }

    /// The ROC's corners, from nothing accepted to everything.
    public func points() -> [Corner] {
        var points = [Corner(far: 0, tar: 0)]
        let (same, different) = (Double(genuine.count), Double(impostor))
        forEachStep { first, end, before, after in
            let nearer = Corner(far: Double(before) / different, tar: Double(first) / same)
            if let last = points.last, last.far != nearer.far { points.append(nearer) }
            points.append(Corner(far: Double(after) / different, tar: Double(end) / same))
        }
        if accepted.last != impostor { points.append(Corner(far: 1, tar: 1)) }
        return points
    }

    /// The largest share of same-person pairs accepted by a threshold that accepts at most the share `far` of the others.
    /// - Parameter far: 0...1.
    public func tar(far: Double) -> Double { Double(acceptedGenuine(far: far)) / Double(genuine.count) }

    private func acceptedGenuine(far: Double) -> Int {
        // The tolerance keeps 0.001 * 3000 from becoming 2.
        let allowed = Int((far * Double(impostor) + 1e-9).rounded(.down))
        // `accepted` ascends, and equal distances accept alike.
        var (low, high) = (0, accepted.count)
        while low < high {
            let middle = (low + high) / 2
            if accepted[middle] <= allowed { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// AUC, EER and TAR at FAR 1e-1 … 1e-6, as far as ten different-person pairs are allowed.
    public func summary() throws -> ReIDReport.Verification {
        var (tar, interval): ([String: Double], [String: Interval]) = ([:], [:])
        for (name, far) in [
            ("1e-1", 0.1), ("1e-2", 0.01), ("1e-3", 1e-3), ("1e-4", 1e-4), ("1e-5", 1e-5), ("1e-6", 1e-6),
        ] where far * Double(impostor) >= 10 {
            let count = acceptedGenuine(far: far)
            tar[name] = Double(count) / Double(genuine.count)
            interval[name] = .wilson(successes: count, trials: genuine.count)
        }
        return .init(
            genuine: genuine.count, impostor: impostor, auc: auc, eer: eer, tar: tar, tarInterval: interval)
    }

    /// Visits each distinct same-person distance: its first and past-the-end position, and the different-person pairs
    /// below it and at most at it.
    private func forEachStep(_ body: (_ first: Int, _ end: Int, _ before: Int, _ after: Int) -> Void) {
        var first = 0
        while first < genuine.count {
            var end = first + 1
            while end < genuine.count, genuine[end] == genuine[first] { end += 1 }
            body(first, end, accepted[first] - tied[first], accepted[first])
            first = end
        }
    }
}

/// Counts how many of a sorted array's values are below another: a table of equal steps narrows the search to a few.
struct BucketedSearch {
    private let values: [Float]
    private let low: Float
    private let scale: Float
    /// For each bucket the first value that lies in it or beyond.
    private let starts: [Int]

    init(_ ascending: [Float]) {
        values = ascending
        low = ascending.first ?? 0
        let span = (ascending.last ?? 0) - low
        let count = span > 0 ? 4 * ascending.count : 1
        scale = span > 0 ? Float(count) / span : 0
        var starts = [Int](repeating: ascending.count, count: count + 1)
        for index in ascending.indices.reversed() {
            starts[Self.bucket(ascending[index], low, scale, count)] = index
        }
        for bucket in (0..<count).reversed() { starts[bucket] = min(starts[bucket], starts[bucket + 1]) }
        self.starts = starts
    }

    /// Never decreases with the value, which is all that the search needs.
    private static func bucket(_ value: Float, _ low: Float, _ scale: Float, _ count: Int) -> Int {
        let place = (value - low) * scale
        return place > 0 ? Int(min(place, Float(count - 1))) : 0
    }

    func countBelow(_ value: Float) -> Int {
        guard let first = values.first, let last = values.last, value > first else { return 0 }
        guard value <= last else { return values.count }
        let bucket = Self.bucket(value, low, scale, starts.count - 1)
        var (from, to) = (starts[bucket], starts[bucket + 1])
        while from < to {
            let middle = (from + to) / 2
            if values[middle] < value { from = middle + 1 } else { to = middle }
        }
        return from
    }
}
