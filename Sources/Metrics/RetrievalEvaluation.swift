/// Evaluates person re-identification: ranks a gallery for each query and scores the ranking.
///
/// Equal distances are ranked by gallery position, so results do not depend on a sorting algorithm. Semantics otherwise
/// follow torchreid's `rank.py`.
public struct RetrievalEvaluation: Sendable {
    public let queries: [Sighting]
    public let gallery: [Sighting]
    private let galleryByPerson: [Int: [Int]]

    public init(queries: [Sighting], gallery: [Sighting]) throws(MetricsError) {
        guard !queries.isEmpty, !gallery.isEmpty else {
            throw .empty("\(queries.count) queries and \(gallery.count) gallery images: both are needed")
        }
        self.queries = queries
        self.gallery = gallery
        galleryByPerson = Dictionary(grouping: gallery.indices, by: { gallery[$0].person })
    }

    /// - Parameters:
    ///   - distances: [queries, gallery] in the order of the sightings.
    ///   - maxRank: length of the CMC; cut to the gallery's size.
    ///   - chunk: rows asked for at once; memory is about chunk * gallery * 8 bytes.
    /// - Throws: `MetricsError.empty` if no query has a correct match by another camera, and what `distances` throws.
    public func evaluate(
        _ distances: some DistanceRows, protocol kind: RetrievalProtocol = .market1501,
        averagePrecision: AveragePrecision = .standard, maxRank: Int = 50, chunk: Int = 256
    ) throws -> RetrievalResult {
        guard distances.queryCount == queries.count, distances.galleryCount == gallery.count, chunk > 0,
            maxRank > 0
        else {
            throw MetricsError.invalidInput(
                "distances of \(distances.queryCount) x \(distances.galleryCount), chunk \(chunk), maximum rank \(maxRank): expected \(queries.count) queries x \(gallery.count) gallery images and numbers above 0"
            )
        }
        if case .cuhk03(let repeats, _) = kind, repeats < 1 {
            throw MetricsError.invalidInput("\(repeats) random galleries: expected at least 1")
        }
        let length = min(maxRank, gallery.count)
        var cmc = [Double](repeating: 0, count: length)
        var perQuery: [RetrievalResult.QueryResult?] = []
        var random = SplitMix64(seed: 0)
        if case .cuhk03(_, let seed) = kind { random = SplitMix64(seed: seed) }

        for start in stride(from: 0, to: queries.count, by: chunk) {
            let range = start..<min(start + chunk, queries.count)
            let block = try distances.rows(range)
            try block.withUnsafeBufferPointer { block in
                for query in range {
                    let row = UnsafeBufferPointer(
                        rebasing: block[
                            ((query - start) * gallery.count)..<((query - start + 1) * gallery.count)])
                    guard let ranks = try correctRanks(of: query, row), let first = ranks.first else {
                        perQuery.append(nil)
                        continue
                    }
                    perQuery.append(Self.score(ranks, averagePrecision))
                    switch kind {
                    case .market1501:
                        if first < length { cmc[first] += 1 }
                    case .cuhk03(let repeats, _):
                        for rank in singleShotRanks(of: query, row, repeats, &random) where rank < length {
                            cmc[rank] += 1 / Double(repeats)
                        }
                    }
                }
            }
        }
        let valid = perQuery.compactMap { $0 }
        guard !valid.isEmpty else {
            throw MetricsError.empty(
                "no query has an image of its person by another camera in the gallery: check the identities and cameras"
            )
        }
        let count = Double(valid.count)
        var sum = 0.0
        for rank in cmc.indices {
            sum += cmc[rank]
            cmc[rank] = min(1, sum / count)
        }
        return RetrievalResult(
            cmc: cmc, mAP: valid.reduce(0) { $0 + $1.averagePrecision } / count,
            mINP: valid.reduce(0) { $0 + $1.inverseNegativePenalty } / count, queries: valid.count,
            gallery: gallery.count, perQuery: perQuery)
    }

    /// Positions of the correct matches without sorting the whole gallery: each wrong image is placed among the few
    /// correct ones. Nil if there are none.
    private func correctRanks(of query: Int, _ row: UnsafeBufferPointer<Float>) throws -> [Int]? {
        let (person, camera) = (queries[query].person, queries[query].camera)
        guard person >= 0, let own = galleryByPerson[person] else { return nil }
        let matches = own.filter { gallery[$0].camera != camera }
            .sorted { row[$0] != row[$1] ? row[$0] < row[$1] : $0 < $1 }
        guard let last = matches.last else { return nil }
        // NaN fails every comparison and would silently count as farthest.
        guard matches.allSatisfy({ !row[$0].isNaN }) else {
            throw MetricsError.invalidInput("query \(query) has a distance that is NaN: check the features")
        }
        let farthest = row[last]
        var before = [Int](repeating: 0, count: matches.count)  // wrong images that first precede match k
        for index in row.indices where row[index] <= farthest {
            guard gallery[index].person != person, gallery[index].person >= 0 else { continue }
            var (low, high) = (0, matches.count)
            while low < high {
                let middle = (low + high) / 2
                let match = matches[middle]
                if row[match] < row[index] || (row[match] == row[index] && match < index) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            if low < before.count { before[low] += 1 }
        }
        var wrong = 0
        return before.indices.map { position in
            wrong += before[position]
            return position + wrong
        }
    }

    private static func score(_ ranks: [Int], _ kind: AveragePrecision) -> RetrievalResult.QueryResult {
        var sum = 0.0
        for (found, rank) in ranks.enumerated() {
            let precision = Double(found + 1) / Double(rank + 1)
            switch kind {
            case .standard: sum += precision
            case .trapezoid: sum += (precision + (rank == 0 ? 1 : Double(found) / Double(rank))) / 2
            }
        }
        let count = Double(ranks.count)
        return RetrievalResult.QueryResult(
            ranks: ranks, averagePrecision: sum / count,
            inverseNegativePenalty: count / Double((ranks.last ?? 0) + 1))
    }

    /// The correct match's position in galleries with one random image per person.
    private func singleShotRanks(
        of query: Int, _ row: UnsafeBufferPointer<Float>, _ repeats: Int, _ random: inout SplitMix64
    ) -> [Int] {
        let (person, camera) = (queries[query].person, queries[query].camera)
        let kept = gallery.indices.filter {
            gallery[$0].person >= 0 && (gallery[$0].person != person || gallery[$0].camera != camera)
        }
        let order = kept.sorted { row[$0] != row[$1] ? row[$0] < row[$1] : $0 < $1 }
        var slots: [Int: Int] = [:]
        var positions: [[Int]] = []  // per person, in order of first appearance
        for (position, index) in order.enumerated() {
            if let slot = slots[gallery[index].person] {
                positions[slot].append(position)
            } else {
                slots[gallery[index].person] = positions.count
                positions.append([position])
            }
        }
        guard let own = slots[person] else { return [] }
        return (0..<repeats).map { _ in
            let drawn = positions.map { $0[random.below($0.count)] }
            return drawn.count { $0 < drawn[own] }
        }
    }
}
