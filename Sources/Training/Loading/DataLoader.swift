import Torch

/// Loads batches ahead of the training on background threads.
///
/// The order of the samples and the seed of each depend only on the sampler, the base seed, the epoch and the index: the number
/// of threads changes nothing. Tensors are made on the thread that calls `next()`; nothing but plain arrays crosses threads.
///
/// Use it from one thread.
public final class DataLoader {
    /// Makes one sample: its index in the data set and a seed for its augmentation.
    public typealias Load = @Sendable (_ index: Int, _ seed: UInt64) throws -> Sample

    private struct Request: Sendable {
        let index: Int
        let seed: UInt64
    }

    public let seed: UInt64
    public let device: Device
    private let name: @Sendable (Int) -> String
    private let prefetch: Int
    private let epochs: Int?
    private let prefetcher: OrderedPrefetcher<Request, Sample>
    private var cursor: SamplerCursor
    /// Batches that were asked for, oldest first, each with the position after it.
    private var planned: [(batch: SamplerCursor.Planned, after: LoaderPosition)] = []
    private var isClosed = false

    /// Where the next batch to be returned stands: store it in a checkpoint.
    public private(set) var position: LoaderPosition

    /// - Parameters:
    ///   - sampler: which samples make a batch.
    ///   - seed: base of the samples' seeds.
    ///   - epochs: passes over the data; nil goes on for ever.
    ///   - workers: background threads (0: load on the caller's thread).
    ///   - prefetch: batches that may wait or be in the making.
    ///   - device: where the tensors are put.
    ///   - name: names an item in errors, usually its file.
    ///   - load: makes a sample, on any thread.
    /// - Throws: `TrainingError.invalidArgument` for counts that cannot work.
    public init(
        sampler: any Sampler, seed: UInt64, epochs: Int? = nil, workers: Int = 1, prefetch: Int = 2,
        device: Device = .cpu, name: @escaping @Sendable (Int) -> String = { "sample \($0)" },
        load: @escaping Load
    ) throws(TrainingError) {
        guard workers >= 0, prefetch >= 1, epochs ?? 1 >= 1 else {
            throw .invalidArgument(
                "data loader: \(workers) workers, \(prefetch) batches ahead, \(epochs ?? 1) epochs: expected workers >= 0, prefetch >= 1 and epochs >= 1"
            )
        }
        self.seed = seed
        self.device = device
        self.name = name
        self.prefetch = prefetch
        self.epochs = epochs
        cursor = try SamplerCursor(sampler)
        position = LoaderPosition(sampler: sampler.description, seed: seed, epoch: 0, batch: 0)
        prefetcher = OrderedPrefetcher(workers: workers) { try load($0.index, $0.seed) }
    }

    public var batchesPerEpoch: Int { cursor.batchCount }

    /// The next batch, or nil after the last epoch. After an error the following call goes on with the next batch.
    /// - Throws: `TrainingError.sample` naming the item whose loading failed, `.batch` for samples that do not fit together,
    ///   `.closed`, or `TorchError`.
    public func next() throws -> Batch? {
        guard !isClosed else { throw TrainingError.closed }
        while planned.count < prefetch, cursor.epoch < epochs ?? .max { plan() }
        guard !planned.isEmpty else { return nil }
        let (batch, after) = planned.removeFirst()
        position = after
        var samples: [Sample] = []
        var failure: TrainingError?
        // All samples of the batch are taken even after a failure, so that the next call starts at the next batch.
        for item in batch.items {
            do { samples.append(try prefetcher.take()) } catch TrainingError.closed {
                throw TrainingError.closed
            } catch {
                failure = failure ?? .sample(name: name(item.index), index: item.index, reason: "\(error)")
            }
        }
        if let failure { throw failure }
        return try Batch(samples, indices: batch.items.map(\.index), epoch: batch.epoch, device: device)
    }

    private func plan() {
        let batch = cursor.next()
        let after = LoaderPosition(
            sampler: cursor.sampler.description, seed: seed, epoch: cursor.epoch, batch: cursor.batch)
        for item in batch.items {
            prefetcher.submit(
                Request(
                    index: item.index,
                    seed: Self.sampleSeed(
                        base: seed, epoch: batch.epoch, index: item.index, occurrence: item.occurrence)))
        }
        planned.append((batch, after))
    }

    /// Seed of a sample's augmentation; `occurrence` counts its earlier appearances in the same epoch.
    public static func sampleSeed(base: UInt64, epoch: Int, index: Int, occurrence: Int = 0) -> UInt64 {
        Generator.derive(base, UInt64(epoch), UInt64(index), UInt64(occurrence))
    }

    /// Continues after a stored position, as if the batches before it had been loaded.
    /// - Throws: `TrainingError.invalidArgument` when the position belongs to another sampler or seed.
    public func restore(_ stored: LoaderPosition) throws(TrainingError) {
        guard stored.sampler == cursor.sampler.description, stored.seed == seed else {
            throw .invalidArgument(
                "the stored position belongs to the sampler \(stored.sampler) with seed \(stored.seed), this loader has \(cursor.sampler.description) with seed \(seed): the data or the settings changed"
            )
        }
        guard stored.epoch >= 0, stored.batch >= 0 else {
            throw .invalidArgument(
                "the stored position epoch \(stored.epoch), batch \(stored.batch) is out of range")
        }
        while let dropped = planned.first {
            planned.removeFirst()
            for _ in dropped.batch.items { _ = try? prefetcher.take() }
        }
        cursor.move(epoch: stored.epoch, batch: stored.batch)
        position = stored
    }

    /// Ends the background threads, after the samples they are working on. Happens by itself when the loader goes away.
    public func close() {
        isClosed = true
        planned = []
        prefetcher.close()
    }
}
