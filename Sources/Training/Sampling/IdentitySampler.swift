import Torch

/// P identities with K images each in every batch, as triplet losses need (Hermans et al. 2017, "In defense of the triplet loss").
///
/// An epoch deals each identity's images, shuffled, into groups of K. A batch takes one group of each of P identities, drawn
/// among those that have groups left; the epoch ends when fewer than P have. Images that fill no group, and groups that are left
/// over, wait for another epoch.
public struct IdentitySampler: Sampler {
    /// What to do with an identity that has fewer than K images.
    public enum ShortIdentities: String, Sendable, Codable {
        /// Its images are repeated, in shuffled order, until there are K. The loader gives each repetition its own seed, so that
        /// augmentation makes them differ.
        case repeatImages
        /// It is never drawn.
        case skip
    }

    public let identitiesPerBatch: Int
    public let imagesPerIdentity: Int
    public let shortIdentities: ShortIdentities
    public let seed: UInt64
    /// Sample indices of each usable identity, by label in ascending order.
    private let groups: [[Int]]
    private let label: String

    /// - Parameters:
    ///   - labels: the identity of each sample; negative ones (distractors, junk) are never drawn.
    ///   - identitiesPerBatch: P.
    ///   - imagesPerIdentity: K.
    /// - Throws: `TrainingError.invalidArgument` when P or K is below 1, or P exceeds the number of usable identities: a smaller
    ///   batch than asked for would change the loss without a word.
    public init(
        labels: [Int], identitiesPerBatch: Int, imagesPerIdentity: Int,
        shortIdentities: ShortIdentities = .repeatImages, seed: UInt64
    ) throws(TrainingError) {
        guard identitiesPerBatch > 0, imagesPerIdentity > 0 else {
            throw .invalidArgument(
                "identity sampler: P = \(identitiesPerBatch), K = \(imagesPerIdentity): expected at least 1 of each"
            )
        }
        var byLabel: [Int: [Int]] = [:]
        for (index, identity) in labels.enumerated() where identity >= 0 {
            byLabel[identity, default: []].append(index)
        }
        groups = byLabel.sorted { $0.key < $1.key }.map(\.value).filter {
            shortIdentities == .repeatImages || $0.count >= imagesPerIdentity
        }
        guard groups.count >= identitiesPerBatch else {
            let short =
                shortIdentities == .skip
                ? " with at least \(imagesPerIdentity) images (\(byLabel.count) in all)" : ""
            throw .invalidArgument(
                "identity sampler: P = \(identitiesPerBatch) identities per batch, but the data has \(groups.count)\(short); lower P"
            )
        }
        self.identitiesPerBatch = identitiesPerBatch
        self.imagesPerIdentity = imagesPerIdentity
        self.shortIdentities = shortIdentities
        self.seed = seed
        label = Batching.hash(labels)
    }

    /// Usable identities.
    public var identityCount: Int { groups.count }

    /// The number of batches varies a little from epoch to epoch, with the draw of the identities.
    public func batches(epoch: Int) -> [[Int]] {
        var random = SampleRandom(seed: Generator.derive(seed, UInt64(epoch)))
        var dealt = groups.map { deal($0, &random) }
        var available = Array(dealt.indices)
        var batches: [[Int]] = []
        while available.count >= identitiesPerBatch {
            // A partial Fisher-Yates moves P random identities to the front.
            for place in 0..<identitiesPerBatch {
                available.swapAt(place, place + random.below(available.count - place))
            }
            batches.append(available[..<identitiesPerBatch].flatMap { dealt[$0].removeLast() })
            available.removeAll { dealt[$0].isEmpty }
        }
        return batches
    }

    private func deal(_ images: [Int], _ random: inout SampleRandom) -> [[Int]] {
        let order = random.shuffled(images)
        guard order.count >= imagesPerIdentity else {
            return [(0..<imagesPerIdentity).map { order[$0 % order.count] }]
        }
        return Batching.split(order, batchSize: imagesPerIdentity, dropLast: true)
    }

    public var description: String {
        "identity(P: \(identitiesPerBatch), K: \(imagesPerIdentity), identities: \(groups.count), short: \(shortIdentities.rawValue), seed: \(seed), labels: \(label))"
    }
}
