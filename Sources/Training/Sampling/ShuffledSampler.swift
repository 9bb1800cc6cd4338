import Torch

/// Every sample once per epoch, in an order drawn anew for each epoch.
public struct ShuffledSampler: Sampler {
    public let count: Int
    public let batchSize: Int
    public let seed: UInt64
    public let dropLast: Bool

    /// - Parameter dropLast: leave out the samples that do not fill a last batch (others in each epoch).
    /// - Throws: `TrainingError.invalidArgument` for an empty data set or a batch size that cannot work.
    public init(count: Int, batchSize: Int, seed: UInt64, dropLast: Bool = true) throws(TrainingError) {
        try Batching.check("shuffled", count: count, batchSize: batchSize, dropLast: dropLast)
        self.count = count
        self.batchSize = batchSize
        self.seed = seed
        self.dropLast = dropLast
    }

    public func batches(epoch: Int) -> [[Int]] {
        var random = SampleRandom(seed: Generator.derive(seed, UInt64(epoch)))
        return Batching.split(random.shuffled(Array(0..<count)), batchSize: batchSize, dropLast: dropLast)
    }

    public var description: String {
        "shuffled(count: \(count), batch: \(batchSize), seed: \(seed), dropLast: \(dropLast))"
    }
}
