/// Every reference photo against every probe photo, other than itself, with who is on them.
///
/// Pairs that share a photo or a person are not independent: with 2,000 photos a side there are four million pairs, but the uncertainty is
/// that of 2,000 photos. `bootstrap` therefore draws persons, not pairs.
public struct VerificationTable: Sendable {
    public let scores: VerificationScores
    /// Number of persons, numbered from 0.
    public let persons: Int

    /// Scores of pairs of one person, and who it is.
    private let genuine: [(score: Float, person: Int32)]
    /// The highest scores of pairs of two persons, descending, and who they are.
    private let impostors: [(score: Float, first: Int32, second: Int32)]
    private let referenceCounts: [Double]
    private let probeCounts: [Double]

    /// The largest FAR that `bootstrap` is asked for, with room for draws that weigh the top more.
    private static let keptShare = 0.15

    /// - Parameters:
    ///   - references: person of each reference photo, from 0.
    ///   - probes: person of each probe photo.
    ///   - samePhoto: the probe that is the reference photo itself, for each reference.
    ///   - rows: scores of some references against all probes, [rows, probes].
    /// - Throws: `MetricsError.empty` if either kind has no pair, `.invalidInput` for scores that are not finite or arrays that do not fit.
    public init(
        references: [Int], probes: [Int], samePhoto: [Int?], rows: (Range<Int>) throws -> [Float]
    ) throws {
        guard samePhoto.count == references.count, (references + probes).allSatisfy({ $0 >= 0 }) else {
            throw MetricsError.invalidInput(
                "\(references.count) references with \(samePhoto.count) same photos: expected one entry each, and persons from 0"
            )
        }
        let persons = ((references + probes).max() ?? -1) + 1
        var genuine: [(score: Float, person: Int32)] = []
        var impostorScores: [Float] = []
        impostorScores.reserveCapacity(references.count * probes.count)
        var all: [[Float]] = []
        // In blocks of rows: the whole table would take gigabytes for large lists.
        for start in Swift.stride(from: 0, to: references.count, by: 256) {
            let block = start..<min(start + 256, references.count)
            let table = try rows(block)
            guard table.count == block.count * probes.count else {
                throw MetricsError.invalidInput(
                    "\(table.count) scores for \(block.count) references and \(probes.count) probes")
            }
            for (row, reference) in block.enumerated() {
                for column in probes.indices where samePhoto[reference] != column {
                    let score = table[row * probes.count + column]
                    if probes[column] == references[reference] {
                        genuine.append((score, Int32(references[reference])))
                    } else {
                        impostorScores.append(score)
                    }
                }
            }
            all.append(table)
        }
        scores = try VerificationScores(genuine: genuine.map(\.score), impostor: impostorScores)
        impostorScores = []
        let kept = min(
            scores.impostor.count, max(1000, Int(Double(scores.impostor.count) * Self.keptShare)))
        let floor = scores.impostor[scores.impostor.count - kept]
        var impostors: [(score: Float, first: Int32, second: Int32)] = []
        impostors.reserveCapacity(kept)
        for (number, table) in all.enumerated() {
            for (index, score) in table.enumerated() where score >= floor {
                let reference = number * 256 + index / probes.count
                let (a, b) = (references[reference], probes[index % probes.count])
                if a != b { impostors.append((score, Int32(a), Int32(b))) }
            }
        }
        impostors.sort { $0.score > $1.score }
        self.impostors = impostors
        self.genuine = genuine
        self.persons = persons
        var counts = [Double](repeating: 0, count: persons)
        for person in references { counts[person] += 1 }
        referenceCounts = counts
        counts = [Double](repeating: 0, count: persons)
        for person in probes { counts[person] += 1 }
        probeCounts = counts
    }

    /// TAR at several FARs in resamples of the persons (Efron 1979; persons are drawn because pairs of one person or with one person in
    /// common go together). A person drawn twice counts twice in pairs of two persons' weights and in their own.
    /// - Parameters:
    ///   - fars: false acceptance rates, each at most 0.1.
    ///   - seed: the same seed draws the same persons, so that tables of one data set can be compared round by round.
    /// - Returns: for each FAR one TAR a round.
    /// - Throws: `MetricsError.invalidInput` for other rates or fewer than two rounds.
    public func bootstrap(fars: [Double], rounds: Int = 200, seed: UInt64 = 0) throws(MetricsError)
        -> [[Double]]
    {
        guard rounds >= 2, fars.allSatisfy({ $0 > 0 && $0 <= 0.1 }) else {
            throw .invalidInput(
                "bootstrap with \(rounds) rounds at \(fars): expected two rounds or more and rates above 0 and up to 0.1"
            )
        }
        var random = SplitMix64(seed: seed)
        let order = fars.indices.sorted { fars[$0] < fars[$1] }
        var results = fars.map { _ in [Double]() }
        for _ in 0..<rounds {
            var weights = [Double](repeating: 0, count: persons)
            for _ in 0..<persons { weights[random.below(persons)] += 1 }
            var (left, right, within) = (0.0, 0.0, 0.0)
            for person in 0..<persons {
                let (a, b) = (
                    weights[person] * referenceCounts[person], weights[person] * probeCounts[person]
                )
                left += a
                right += b
                within += a * b
            }
            let total = left * right - within
            var thresholds = [Float](repeating: .infinity, count: fars.count)
            var accepted = 0.0
            var next = 0
            var index = 0
            while index < impostors.count, next < order.count {
                // Pairs of one score are accepted or refused together.
                let score = impostors[index].score
                var weight = 0.0
                while index < impostors.count, impostors[index].score == score {
                    weight += weights[Int(impostors[index].first)] * weights[Int(impostors[index].second)]
                    index += 1
                }
                accepted += weight
                // The tolerance keeps 0.001 * 3000 from becoming 2.
                while next < order.count, accepted > fars[order[next]] * total + 1e-6 {
                    thresholds[order[next]] = score
                    next += 1
                }
            }
            // Rates that the kept scores do not exhaust: everything above their lowest is accepted.
            while next < order.count {
                thresholds[order[next]] = (impostors.last?.score ?? 0).nextDown
                next += 1
            }
            var sum = 0.0
            var above = fars.map { _ in 0.0 }
            for pair in genuine {
                let weight = weights[Int(pair.person)]
                guard weight > 0 else { continue }
                sum += weight
                for index in fars.indices where pair.score > thresholds[index] { above[index] += weight }
            }
            for index in fars.indices { results[index].append(sum > 0 ? above[index] / sum : 0) }
        }
        return results
    }
}

extension Interval {
    /// The middle share of some values, linear between order statistics: the percentile interval of a bootstrap.
    /// - Returns: 0...1 for no values.
    public static func percentile(_ values: [Double], confidence: Double = 0.95) -> Interval {
        guard !values.isEmpty else { return Interval(low: 0, high: 1) }
        let sorted = values.sorted()
        return Interval(
            low: VerificationScores.quantile(sorted, (1 - confidence) / 2),
            high: VerificationScores.quantile(sorted, (1 + confidence) / 2))
    }
}
