/// Walks through a sampler's epochs without end: the first batch of the next epoch follows the last one of an epoch.
public struct SamplerCursor: Sendable {
    public struct Planned: Sendable {
        public let epoch: Int
        /// Sample indices, each with the number of its earlier appearances in this epoch.
        public let items: [(index: Int, occurrence: Int)]
    }

    public let sampler: any Sampler
    /// Epoch and number of the batch that `next()` returns.
    public private(set) var epoch = 0
    public private(set) var batch = 0
    private var plan: [[Int]]
    private var seen: [Int: Int] = [:]

    /// - Throws: `TrainingError.invalidArgument` for a sampler that makes no batches.
    public init(_ sampler: any Sampler) throws(TrainingError) {
        self.sampler = sampler
        plan = sampler.batches(epoch: 0)
        guard !plan.isEmpty else { throw .invalidArgument("sampler \(sampler): makes no batches") }
    }

    /// Batches in the current epoch.
    public var batchCount: Int { plan.count }

    public mutating func next() -> Planned {
        let items = plan[batch].map { index in
            let occurrence = seen[index, default: 0]
            seen[index] = occurrence + 1
            return (index, occurrence)
        }
        defer {
            batch += 1
            if batch == plan.count { move(epoch: epoch + 1, batch: 0) }
        }
        return Planned(epoch: epoch, items: items)
    }

    /// Goes to a batch; one past the last is the first of the next epoch.
    public mutating func move(epoch: Int, batch: Int) {
        if epoch != self.epoch { plan = sampler.batches(epoch: epoch) }
        self.epoch = epoch
        self.batch = batch
        seen = [:]
        guard batch < plan.count else { return move(epoch: epoch + 1, batch: 0) }
        for index in plan[..<batch].joined() { seen[index, default: 0] += 1 }
    }
}
