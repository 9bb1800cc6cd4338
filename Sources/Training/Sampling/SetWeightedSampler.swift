import Torch

/// P identities with K images each in every batch, dealt to sets of samples (data sets, cameras) by weight instead of by how
/// many samples each has: a small data set is then not drowned by a large one, nor a quiet camera by a busy one.
///
/// Each place of a batch goes to the set that is farthest behind its share, so that over many batches the shares are exact. Within
/// a set identities take turns in shuffled order. One image of an identity is from its set; the other K - 1 are from all of
/// its images (those of other cameras, when sets are cameras). No identity is in a batch twice: when all of a set's are, its
/// place goes to the next set.
public struct SetWeightedSampler: Sampler {
    public let identitiesPerBatch: Int
    public let imagesPerIdentity: Int
    public let batchesPerEpoch: Int
    public let seed: UInt64
    /// By set, in ascending order: its share and its identities, each with the samples that lie within the set.
    private let sets: [(share: Double, identities: [(identity: Int, samples: [Int])])]
    /// All samples of each identity.
    private let samples: [Int: [Int]]
    private let label: String

    /// - Parameters:
    ///   - labels: the identity of each sample; negative ones are never drawn.
    ///   - sets: the set of each sample.
    ///   - weights: by set, in any unit; a set that is not named has 1. Sets of weight 0 are left out.
    ///   - identitiesPerBatch: P.
    ///   - imagesPerIdentity: K.
    ///   - batchesPerEpoch: nil gives as many as there are samples for.
    /// - Throws: `TrainingError.invalidArgument` for weights that are negative, not finite, all 0 or of a set that does not occur,
    ///   as many sets as labels, sizes below 1, or fewer identities than P.
    public init(
        labels: [Int], sets: [Int], weights: [Int: Double] = [:], identitiesPerBatch: Int,
        imagesPerIdentity: Int, batchesPerEpoch: Int? = nil, seed: UInt64
    ) throws(TrainingError) {
        guard identitiesPerBatch > 0, imagesPerIdentity > 0, (batchesPerEpoch ?? 1) > 0 else {
            throw .invalidArgument(
                "set-weighted sampler: P = \(identitiesPerBatch), K = \(imagesPerIdentity), \(batchesPerEpoch ?? 1) batches: expected at least 1 of each"
            )
        }
        guard labels.count == sets.count else {
            throw .invalidArgument(
                "set-weighted sampler: \(labels.count) labels and \(sets.count) sets: expected one set per sample"
            )
        }
        var members: [Int: [Int: [Int]]] = [:]
        var samples: [Int: [Int]] = [:]
        for (index, identity) in labels.enumerated() where identity >= 0 {
            members[sets[index], default: [:]][identity, default: []].append(index)
            samples[identity, default: []].append(index)
        }
        for (set, weight) in weights.sorted(by: { $0.key < $1.key }) {
            guard weight.isFinite, weight >= 0 else {
                throw .invalidArgument(
                    "set-weighted sampler: weight \(weight) of set \(set), expected at least 0")
            }
            guard members[set] != nil else {
                throw .invalidArgument(
                    "set-weighted sampler: no sample is of set \(set), which has a weight; there are \(members.keys.sorted())"
                )
            }
        }
        let used = members.sorted { $0.key < $1.key }.filter { (weights[$0.key] ?? 1) > 0 }
        let total = used.reduce(0) { $0 + (weights[$1.key] ?? 1) }
        let reachable = Set(used.flatMap(\.value.keys))
        guard reachable.count >= identitiesPerBatch else {
            throw .invalidArgument(
                "set-weighted sampler: P = \(identitiesPerBatch) identities per batch, but the sets of positive weight have \(reachable.count); lower P"
            )
        }
        self.sets = used.map { set, identities in
            (
                (weights[set] ?? 1) / total,
                identities.sorted { $0.key < $1.key }.map { (identity: $0.key, samples: $0.value) }
            )
        }
        self.samples = samples
        self.identitiesPerBatch = identitiesPerBatch
        self.imagesPerIdentity = imagesPerIdentity
        self.batchesPerEpoch =
            batchesPerEpoch
            ?? max(1, samples.values.reduce(0) { $0 + $1.count } / (identitiesPerBatch * imagesPerIdentity))
        self.seed = seed
        label = Batching.hash(
            labels + sets
                + weights.sorted { $0.key < $1.key }.flatMap {
                    [$0.key, Int(bitPattern: UInt(truncatingIfNeeded: $0.value.bitPattern))]
                })
    }

    public func batches(epoch: Int) -> [[Int]] {
        var random = SampleRandom(seed: Generator.derive(seed, UInt64(epoch)))
        // Whose turn it is within each set: a shuffled deck, dealt from its end.
        var decks = sets.map { _ in [Int]() }
        var given = sets.map { _ in 0 }
        var places = 0
        return (0..<batchesPerEpoch).map { _ in
            var batch: [Int] = []
            var present: Set<Int> = []
            for _ in 0..<identitiesPerBatch {
                places += 1
                let behind = sets.indices.map { sets[$0].share * Double(places) - Double(given[$0]) }
                for set in sets.indices.sorted(by: { (behind[$0], $1) > (behind[$1], $0) }) {
                    guard let member = draw(set, &decks[set], without: present, &random) else { continue }
                    given[set] += 1
                    present.insert(member.identity)
                    batch += images(of: member, &random)
                    break
                }
            }
            return batch
        }
    }

    /// The next identity of a set that is not in the batch yet; nil when all are.
    private func draw(
        _ set: Int, _ deck: inout [Int], without present: Set<Int>, _ random: inout SampleRandom
    ) -> (identity: Int, samples: [Int])? {
        let members = sets[set].identities
        for _ in 0..<2 {
            if let place = deck.lastIndex(where: { !present.contains(members[$0].identity) }) {
                return members[deck.remove(at: place)]
            }
            guard members.contains(where: { !present.contains($0.identity) }) else { return nil }
            // What is left of the old deck (people of this batch) comes first again.
            let rest = Set(deck)
            deck = random.shuffled(members.indices.filter { !rest.contains($0) }) + deck
        }
        return nil
    }

    private func images(
        of member: (identity: Int, samples: [Int]), _ random: inout SampleRandom
    ) -> [Int] {
        let first = member.samples[random.below(member.samples.count)]
        let others = random.shuffled((samples[member.identity] ?? []).filter { $0 != first })
        return [first]
            + (0..<(imagesPerIdentity - 1)).map { others.isEmpty ? first : others[$0 % others.count] }
    }

    public var description: String {
        "set-weighted(P: \(identitiesPerBatch), K: \(imagesPerIdentity), sets: \(sets.count), batches: \(batchesPerEpoch), seed: \(seed), labels: \(label))"
    }
}
