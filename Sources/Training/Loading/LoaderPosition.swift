/// A place in the sequence of batches: all that has to be stored to continue it exactly.
public struct LoaderPosition: Codable, Sendable, Equatable {
    /// Description of the sampler, to notice that the data set or a setting changed.
    public let sampler: String
    public let seed: UInt64
    public let epoch: Int
    /// Batches of the epoch that are done.
    public let batch: Int
    /// Of `StagedBatches`: the stage, and its batches that are done. Nil elsewhere.
    public var stage: Int?
    public var stageBatch: Int?

    public init(sampler: String, seed: UInt64, epoch: Int, batch: Int) {
        self.sampler = sampler
        self.seed = seed
        self.epoch = epoch
        self.batch = batch
    }
}
