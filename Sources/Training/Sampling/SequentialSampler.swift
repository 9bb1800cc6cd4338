/// Every sample once, in order.
public struct SequentialSampler: Sampler {
    public let count: Int
    public let batchSize: Int
    public let dropLast: Bool

    /// - Throws: `TrainingError.invalidArgument` for an empty data set or a batch size that cannot work.
    public init(count: Int, batchSize: Int, dropLast: Bool = false) throws(TrainingError) {
        try Batching.check("sequential", count: count, batchSize: batchSize, dropLast: dropLast)
        self.count = count
        self.batchSize = batchSize
        self.dropLast = dropLast
    }

    public func batches(epoch: Int) -> [[Int]] {
        Batching.split(Array(0..<count), batchSize: batchSize, dropLast: dropLast)
    }

    public var description: String {
        "sequential(count: \(count), batch: \(batchSize), dropLast: \(dropLast))"
    }
}
