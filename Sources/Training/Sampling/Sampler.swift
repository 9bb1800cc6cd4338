/// Decides which samples make the batches of an epoch.
///
/// A pure function of the epoch: a position in the sequence is just (epoch, batch), which makes resuming exact.
public protocol Sampler: Sendable, CustomStringConvertible {
    /// Index lists, one per batch. Never empty; the same number in each epoch unless documented otherwise.
    func batches(epoch: Int) -> [[Int]]
    /// Kind, sizes and seed: two samplers with the same description give the same batches.
    var description: String { get }
}

enum Batching {
    static func check(_ kind: String, count: Int, batchSize: Int, dropLast: Bool) throws(TrainingError) {
        guard count > 0 else { throw .invalidArgument("\(kind) sampler: the data set is empty") }
        guard batchSize > 0 else {
            throw .invalidArgument("\(kind) sampler: batch size \(batchSize), expected at least 1")
        }
        guard !dropLast || batchSize <= count else {
            throw .invalidArgument(
                "\(kind) sampler: batches of \(batchSize) cannot be made of \(count) samples; lower the batch size"
            )
        }
    }

    static func split(_ order: [Int], batchSize: Int, dropLast: Bool) -> [[Int]] {
        stride(from: 0, to: order.count, by: batchSize).compactMap { start in
            let end = min(start + batchSize, order.count)
            return dropLast && end - start < batchSize ? nil : Array(order[start..<end])
        }
    }

    /// FNV-1a over integers: tells one list of labels from another.
    static func hash(_ values: some Sequence<Int>) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for value in values { hash = (hash ^ UInt64(bitPattern: Int64(value))) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}
