import Metrics

/// The first results of one query, junk left out as the protocol says: images of junk (id -1), and of the query's person
/// by the query's camera.
public struct RankedList: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// Index into the gallery.
        public let image: Int
        public let distance: Float
        /// Whether it shows the query's person.
        public let isCorrect: Bool
    }

    /// Index into the queries.
    public let query: Int
    /// Nearest first; equal distances by gallery position.
    public let entries: [Entry]
    /// Nil if the gallery holds no correct match.
    public let averagePrecision: Double?
}

extension ReIDEvaluation {
    /// The first `length` results of a query.
    /// - Throws: what the distances throw.
    public func rankedList(_ query: Int, in outcome: Outcome, length: Int = 10) throws -> RankedList {
        let row = try outcome.distances.rows(query..<(query + 1))
        let own = querySightings[query]
        var kept: [(distance: Float, image: Int)] = []
        for image in row.indices {
            let seen = gallerySightings[image]
            guard seen.person >= 0, seen.person != own.person || seen.camera != own.camera else { continue }
            if kept.count == length, let last = kept.last, row[image] >= last.distance { continue }
            var position = kept.count
            while position > 0, kept[position - 1].distance > row[image] { position -= 1 }
            kept.insert((row[image], image), at: position)
            if kept.count > length { kept.removeLast() }
        }
        return RankedList(
            query: query,
            entries: kept.map { distance, image in
                RankedList.Entry(
                    image: image,
                    distance: outcome.areSquared ? max(0, distance).squareRoot() : distance,
                    isCorrect: gallerySightings[image].person == own.person)
            }, averagePrecision: outcome.result.perQuery[query]?.averagePrecision)
    }

    /// `count` queries spread evenly over all of them: the choice knows nothing of the results.
    public func spreadQueries(_ count: Int) -> [Int] {
        let kept = min(count, query.count)
        return (0..<kept).map { $0 * query.count / kept }
    }
}
