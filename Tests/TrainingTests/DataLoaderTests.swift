import Foundation
import Imaging
import Synchronization
import Testing
import Torch
import Training

@Suite struct DataLoaderTests {
    private struct Seen: Equatable {
        var names: [String]
        var epoch: Int
        var values: [Float]
    }

    private static func seen(_ batch: Batch) throws -> Seen {
        try Seen(names: batch.names, epoch: batch.epoch, values: batch["noise"].floats())
    }

    private static func loader(
        workers: Int, epochs: Int? = 2, count: Int = 21, sampler: (any Sampler)? = nil
    ) throws -> DataLoader {
        try DataLoader(
            sampler: sampler ?? ShuffledSampler(count: count, batchSize: 4, seed: 1), seed: 77,
            epochs: epochs,
            workers: workers, prefetch: 3, name: { "item-\($0).jpg" }
        ) { index, seed in
            var random = SampleRandom(seed: seed)
            // Uneven work, so that threads overtake each other.
            Thread.sleep(forTimeInterval: Double(random.below(3)) / 1000)
            return Sample(
                name: "item-\(index).jpg",
                [
                    "noise": .floats([Float(random.unit()), Float(index)], shape: [2]),
                    "label": .integer(index % 3),
                ])
        }
    }

    private static func all(_ loader: DataLoader) throws -> [Seen] {
        var batches: [Seen] = []
        while let batch = try loader.next() { batches.append(try seen(batch)) }
        return batches
    }

    @Test func orderAndSeedsDoNotDependOnTheThreads() throws {
        let inline = try Self.all(Self.loader(workers: 0))
        #expect(inline.count == 10)
        for workers in [1, 2, 5] { #expect(try Self.all(Self.loader(workers: workers)) == inline) }
        // The same sample has another seed in another epoch.
        let first = Dictionary(
            zip(inline[..<5].flatMap(\.names), inline[..<5].flatMap { $0.values.chunks(of: 2) })
        ) { a, _ in a }
        let second = Dictionary(
            zip(inline[5...].flatMap(\.names), inline[5...].flatMap { $0.values.chunks(of: 2) })
        ) { a, _ in a }
        let common = Set(first.keys).intersection(second.keys)
        #expect(common.count > 10)
        #expect(common.allSatisfy { first[$0]?[0] != second[$0]?[0] })
    }

    @Test func repeatedSamplesOfABatchHaveTheirOwnSeeds() throws {
        let sampler = try IdentitySampler(
            labels: [0, 1, 2], identitiesPerBatch: 3, imagesPerIdentity: 4, seed: 1)
        let batch = try #require(try Self.loader(workers: 1, sampler: sampler).next())
        let noise = try batch["noise"].floats().chunks(of: 2).map { $0[0] }
        #expect(Set(noise).count == 12)
    }

    @Test func continuesFromEveryPosition() throws {
        let whole = try Self.all(Self.loader(workers: 2))
        let loader = try Self.loader(workers: 2)
        var positions = [loader.position]
        while try loader.next() != nil { positions.append(loader.position) }
        let stored = try JSONDecoder().decode([LoaderPosition].self, from: JSONEncoder().encode(positions))
        for (done, position) in stored.enumerated() {
            let resumed = try Self.loader(workers: 1)
            _ = try resumed.next()  // what was prefetched must be thrown away
            try resumed.restore(position)
            #expect(try Self.all(resumed) == Array(whole[done...]), "after \(done) batches")
        }
        let other = try Self.loader(workers: 1, count: 22)
        #expect(message { try other.restore(stored[1]) }.contains("the data or the settings changed"))
    }

    @Test func batchesAreStackedWithTheirTypes() throws {
        var image = Image(width: 2, height: 1, channels: 3)
        image.pixels = [10, 20, 30, 40, 50, 255]
        let samples = [0, 1].map { index in
            Sample(
                name: "\(index)",
                [
                    "image": .image(image), "planar": .image(FloatImage(image)), "label": .integer(index + 5),
                    "weight": .float(0.5),
                ])
        }
        let batch = try Batch(samples, indices: [0, 1])
        #expect(try batch["image"].shape == [2, 3, 1, 2])
        #expect(try batch["image"].array(UInt8.self) == [10, 40, 20, 50, 30, 255, 10, 40, 20, 50, 30, 255])
        #expect(try batch["label"].array(Int.self) == [5, 6])
        #expect(try batch["weight"].array(Float.self) == [0.5, 0.5])
        let difference = try (batch.floats("image") - batch.floats("planar")).abs().amax().item()
        #expect(difference < 1e-7)
        #expect(
            message { _ = try batch["mask"] }
                == #"the batch has no field 'mask', only ["image", "label", "planar", "weight"]"#)
    }

    @Test func samplesThatDoNotFitAreNamed() throws {
        let one = Sample(name: "a.png", ["image": .floats([0, 0], shape: [2])])
        let two = Sample(name: "b.png", ["image": .floats([0, 0, 0], shape: [3])])
        #expect(
            message { _ = try Batch([one, two], indices: [0, 1]) }
                == "field 'image': b.png has floats [3], a.png in the same batch floats [2]")
        let short = Sample(name: "c.png", ["image": .floats([0], shape: [2])])
        #expect(
            message { _ = try Batch([short], indices: [0]) }
                == "field 'image' of c.png: 1 values do not fill the shape [2]")
        let other = Sample(name: "d.png", ["label": .integer(1)])
        #expect(
            message { _ = try Batch([one, other], indices: [0, 1]) }.contains("d.png has a field 'label'"))
        #expect(message { _ = try Batch([], indices: []) }.contains("at least one sample"))
    }

    private struct Broken: Error, CustomStringConvertible {
        var description: String { "truncated JPEG" }
    }

    @Test(arguments: [0, 1, 3]) func errorsNameTheFileAndTheNextBatchFollows(workers: Int) throws {
        let loader = try DataLoader(
            sampler: SequentialSampler(count: 9, batchSize: 3), seed: 0, epochs: 1, workers: workers,
            name: { "photos/\($0).jpg" }
        ) { index, _ in
            if index == 4 { throw Broken() }
            return Sample(name: "\(index)", ["x": .integer(index)])
        }
        #expect(try loader.next()?["x"].ints() == [0, 1, 2])
        #expect(
            message { _ = try loader.next() } == "photos/4.jpg (item 4) cannot be used: truncated JPEG")
        #expect(try loader.next()?["x"].ints() == [6, 7, 8])
        #expect(try loader.next() == nil)
    }

    @Test func looksAheadOnlyAsFarAsAsked() throws {
        let made = Mutex(0)
        let loader = try DataLoader(
            sampler: SequentialSampler(count: 100, batchSize: 5), seed: 0, workers: 3, prefetch: 2
        ) { index, _ in
            made.withLock { $0 += 1 }
            return Sample(name: "\(index)", ["x": .integer(index)])
        }
        _ = try loader.next()
        // Two batches were asked for, and no more is until the next call.
        let deadline = Date(timeIntervalSinceNow: 5)
        while made.withLock({ $0 }) < 10, Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
        Thread.sleep(forTimeInterval: 0.05)
        #expect(made.withLock { $0 } == 10)
    }

    @Test func closingWaitsForTheThreadsAndEndsThem() throws {
        let working = Mutex(0)
        let loader = try DataLoader(
            sampler: SequentialSampler(count: 1000, batchSize: 50), seed: 0, workers: 2
        ) { index, _ in
            working.withLock { $0 += 1 }
            defer { working.withLock { $0 -= 1 } }
            Thread.sleep(forTimeInterval: 0.002)
            return Sample(name: "\(index)", ["x": .integer(index)])
        }
        _ = try loader.next()
        loader.close()
        #expect(working.withLock { $0 } == 0)
        #expect(message { _ = try loader.next() } == "the data loader was closed")
        loader.close()
    }

    @Test func threadsEndWhenTheLoaderGoesAway() throws {
        final class Token: Sendable {}
        weak var watched: Token?
        do {
            let token = Token()
            watched = token
            let loader = try DataLoader(
                sampler: SequentialSampler(count: 1000, batchSize: 5), seed: 0, workers: 2
            ) { [token] index, _ in
                withExtendedLifetime(token) { Sample(name: "\(index)", ["x": .integer(index)]) }
            }
            _ = try loader.next()
        }
        let deadline = Date(timeIntervalSinceNow: 5)
        while watched != nil, Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
        #expect(watched == nil, "the threads keep the closure alive for as long as they run")
    }

    @Test func impossibleCountsAreRefused() throws {
        let sampler = try SequentialSampler(count: 3, batchSize: 1)
        #expect(
            message {
                _ = try DataLoader(sampler: sampler, seed: 0, workers: -1) { index, _ in
                    Sample(name: "\(index)", [:])
                }
            }.contains("workers >= 0"))
    }
}

extension Array {
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
