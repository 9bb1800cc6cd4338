import Testing
import Torch
import Training

@Suite struct StagedBatchesTests {
    private static func loader(_ offset: Int) throws -> DataLoader {
        try DataLoader(
            sampler: ShuffledSampler(count: 6, batchSize: 2, seed: UInt64(offset)), seed: UInt64(offset),
            workers: 1
        ) { index, _ in Sample(name: "\(offset + index)", ["x": .integer(offset + index)]) }
    }

    private static func staged(_ counts: [Int]) throws -> StagedBatches {
        try StagedBatches(
            counts.enumerated().map { index, count in
                StagedBatches.Stage(batches: count) { try loader(100 * index) }
            })
    }

    private static func rest(_ source: StagedBatches) throws -> [[String]] {
        var names: [[String]] = []
        while let batch = try source.next() { names.append(batch.names) }
        return names
    }

    @Test("each stage gives its batches, then the next one begins, then it ends")
    func order() throws {
        let names = try Self.rest(Self.staged([4, 2]))
        #expect(names.count == 6)
        #expect(names[..<4].joined().allSatisfy { (Int($0) ?? -1) < 100 })
        #expect(names[4...].joined().allSatisfy { (Int($0) ?? -1) >= 100 })
    }

    @Test("a stored position continues with the same batches, in and between stages", arguments: 0...6)
    func resume(after: Int) throws {
        let whole = try Self.rest(Self.staged([4, 2]))
        let first = try Self.staged([4, 2])
        for _ in 0..<after { _ = try first.next() }
        // A run may be extended by further stages.
        let second = try Self.staged([4, 2, 1])
        try second.restore(first.position)
        #expect(try Self.rest(second).dropLast() == whole[after...])
    }

    @Test("a position beyond the stages is refused") func refused() throws {
        let long = try Self.staged([4, 2])
        for _ in 0..<6 { _ = try long.next() }
        #expect(throws: TrainingError.self) { try Self.staged([4]).restore(long.position) }
        #expect(throws: TrainingError.self) { try Self.staged([4, 1]).restore(long.position) }
        #expect(throws: TrainingError.self) {
            try Self.staged([4]).restore(LoaderPosition(sampler: "x", seed: 0, epoch: 0, batch: 1))
        }
        #expect(throws: TrainingError.self) { try StagedBatches([]) }
    }
}
