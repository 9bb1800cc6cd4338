import Torch

/// Draws samples with replacement, with probabilities in proportion to weights (to balance rare classes).
public struct WeightedSampler: Sampler {
    public let batchSize: Int
    public let batchesPerEpoch: Int
    public let seed: UInt64
    private let cumulative: [Double]
    private let label: String

    /// - Parameter weights: one per sample, finite, not negative, not all zero.
    /// - Throws: `TrainingError.invalidArgument` otherwise, or for sizes below 1.
    public init(weights: [Double], batchSize: Int, batchesPerEpoch: Int, seed: UInt64) throws(TrainingError) {
        guard batchSize > 0, batchesPerEpoch > 0 else {
            throw .invalidArgument(
                "weighted sampler: batch size \(batchSize), \(batchesPerEpoch) batches: expected at least 1 of each"
            )
        }
        var sum = 0.0
        var cumulative: [Double] = []
        for (index, weight) in weights.enumerated() {
            guard weight.isFinite, weight >= 0 else {
                throw .invalidArgument("weighted sampler: weight \(weight) of sample \(index), expected >= 0")
            }
            sum += weight
            cumulative.append(sum)
        }
        guard sum > 0 else { throw .invalidArgument("weighted sampler: no sample has a weight above 0") }
        self.batchSize = batchSize
        self.batchesPerEpoch = batchesPerEpoch
        self.seed = seed
        self.cumulative = cumulative
        label = Batching.hash(weights.map { Int(bitPattern: UInt(truncatingIfNeeded: $0.bitPattern)) })
    }

    public func batches(epoch: Int) -> [[Int]] {
        var random = SampleRandom(seed: Generator.derive(seed, UInt64(epoch)))
        return (0..<batchesPerEpoch).map { _ in (0..<batchSize).map { _ in draw(&random) } }
    }

    private func draw(_ random: inout SampleRandom) -> Int {
        let target = random.uniform(0, cumulative[cumulative.count - 1])
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return low
    }

    public var description: String {
        "weighted(count: \(cumulative.count), batch: \(batchSize), batches: \(batchesPerEpoch), seed: \(seed), weights: \(label))"
    }
}
