/// Adaptive symmetric normalisation of scores (Matějka et al. 2017, "Analysis of Score Normalization in Multilingual Speaker
/// Recognition"), with the other persons of a list as the cohort.
///
/// Some faces are like many: what a mask hides, or recovery invents, makes them more so. A score is therefore counted in standard
/// deviations above the best scores that its probe has with references of other persons, and above the best that its reference has with
/// probes of other persons; the mean of both is the new score. The cohort of a pair holds neither of its two persons, so that
/// who is on the probe is never given away.
public struct CohortNormalisation: Sendable, Equatable {
    /// How many of the best scores make the statistics, at most.
    public var top: Int

    public init(top: Int = 200) { self.top = top }

    /// Mean and standard deviation of the best scores of one photo, with all persons of the cohort and without one of them.
    private struct Neighbourhood {
        var all: (mean: Double, deviation: Double)
        /// Of persons among the best; leaving another out changes nothing.
        var without: [Int: (mean: Double, deviation: Double)]

        func normalised(_ score: Float, leavingOut person: Int) -> Double {
            let (mean, deviation) = without[person] ?? all
            return (Double(score) - mean) / max(deviation, 1e-9)
        }
    }

    /// - Parameters:
    ///   - scores: of every reference with every probe, row-major [references, probes].
    ///   - references: person of each reference.
    ///   - probes: person of each probe.
    /// - Returns: normalised scores, in the same order.
    /// - Throws: `FacesError.invalidArgument` for arrays that do not fit, fewer than two scores asked for, or a pair with a cohort of
    ///   fewer than two photos.
    public func callAsFunction(_ scores: [Float], references: [Int], probes: [Int]) throws(FacesError)
        -> [Float]
    {
        guard scores.count == references.count * probes.count, top >= 2 else {
            throw .invalidArgument(
                "cohort of the \(top) best: \(scores.count) scores for \(references.count) references and \(probes.count) probes; expected one each, and at least 2"
            )
        }
        let columns = probes.count
        var ofReferences: [Neighbourhood] = []
        for row in references.indices {
            ofReferences.append(
                try neighbourhood(
                    Array(scores[row * columns..<(row + 1) * columns]), persons: probes,
                    own: references[row]))
        }
        var ofProbes: [Neighbourhood] = []
        for column in probes.indices {
            ofProbes.append(
                try neighbourhood(
                    references.indices.map { scores[$0 * columns + column] }, persons: references,
                    own: probes[column]))
        }
        var normalised = scores
        for row in references.indices {
            for column in probes.indices {
                let index = row * columns + column
                let score = scores[index]
                normalised[index] = Float(
                    (ofProbes[column].normalised(score, leavingOut: references[row])
                        + ofReferences[row].normalised(score, leavingOut: probes[column])) / 2)
            }
        }
        return normalised
    }

    private func neighbourhood(_ scores: [Float], persons: [Int], own: Int) throws(FacesError)
        -> Neighbourhood
    {
        let others = scores.indices.filter { persons[$0] != own }.sorted { scores[$0] > scores[$1] }
        func statistics(_ members: some Sequence<Int>) throws(FacesError) -> (mean: Double, deviation: Double)
        {
            var (sum, squares, count) = (0.0, 0.0, 0.0)
            for member in members {
                let score = Double(scores[member])
                sum += score
                squares += score * score
                count += 1
            }
            guard count >= 2 else {
                throw .invalidArgument(
                    "a cohort needs at least two photos of persons who are not on the pair; give a list of more persons, or compare without a cohort"
                )
            }
            let mean = sum / count
            return (mean, max(squares / count - mean * mean, 0).squareRoot())
        }
        let best = others.prefix(top)
        var without: [Int: (mean: Double, deviation: Double)] = [:]
        for person in Set(best.map { persons[$0] }) {
            without[person] = try statistics(others.lazy.filter { persons[$0] != person }.prefix(top))
        }
        return Neighbourhood(all: try statistics(best), without: without)
    }
}
