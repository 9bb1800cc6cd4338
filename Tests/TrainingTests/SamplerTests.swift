import Foundation
import Testing
import Training

@Suite struct SamplerTests {
    @Test func sequentialGivesEverySampleInOrder() throws {
        let sampler = try SequentialSampler(count: 7, batchSize: 3)
        #expect(sampler.batches(epoch: 0) == [[0, 1, 2], [3, 4, 5], [6]])
        let dropping = try SequentialSampler(count: 7, batchSize: 3, dropLast: true)
        #expect(dropping.batches(epoch: 5) == [[0, 1, 2], [3, 4, 5]])
    }

    @Test func shuffledIsAPermutationThatDependsOnSeedAndEpoch() throws {
        let sampler = try ShuffledSampler(count: 50, batchSize: 8, seed: 1, dropLast: false)
        let first = sampler.batches(epoch: 0)
        #expect(first.joined().sorted() == Array(0..<50))
        #expect(first == sampler.batches(epoch: 0))
        #expect(first != sampler.batches(epoch: 1))
        #expect(
            try first != ShuffledSampler(count: 50, batchSize: 8, seed: 2, dropLast: false).batches(epoch: 0))
        #expect(try ShuffledSampler(count: 50, batchSize: 8, seed: 1).batches(epoch: 0).count == 6)
    }

    @Test func shufflesUniformly() {
        // Where the first of five elements goes, 5,000 times: each place about 1,000 times (5 sigma = 141).
        var counts = [Int](repeating: 0, count: 5)
        for seed in 0..<5000 {
            var random = SampleRandom(seed: UInt64(seed))
            counts[random.shuffled([0, 1, 2, 3, 4]).firstIndex(of: 0) ?? 0] += 1
        }
        #expect(counts.allSatisfy { abs($0 - 1000) < 141 }, "\(counts)")
    }

    @Test func randomNumbersFollowSplitMix64() {
        // First outputs for seed 1234567, from the public-domain reference splitmix64.c.
        var random = SampleRandom(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        let normals = (0..<20_000).map { _ in random.normal() }
        let mean = normals.reduce(0, +) / 20_000
        let variance = normals.map { $0 * $0 }.reduce(0, +) / 20_000
        #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.05)
    }

    @Test func weightedDrawsInProportion() throws {
        let sampler = try WeightedSampler(
            weights: [0, 1, 3, 0], batchSize: 100, batchesPerEpoch: 40, seed: 3)
        let drawn = Array(sampler.batches(epoch: 0).joined())
        #expect(drawn.count == 4000)
        #expect(Set(drawn) == [1, 2])
        // Binomial(4000, 0.75): 5 sigma = 137.
        #expect(abs(drawn.filter { $0 == 2 }.count - 3000) < 137)
        #expect(
            message {
                _ = try WeightedSampler(weights: [1, .nan], batchSize: 1, batchesPerEpoch: 1, seed: 0)
            }
            .contains("weight nan of sample 1"))
        #expect(
            message { _ = try WeightedSampler(weights: [0, 0], batchSize: 1, batchesPerEpoch: 1, seed: 0) }
                .contains("no sample has a weight"))
    }

    /// Identity i has i + 1 images, 0 … 9; two distractors.
    private let labels =
        [-1] + (0..<10).flatMap { identity in [Int](repeating: identity, count: identity + 1) } + [-1]

    @Test func identityBatchesHoldPTimesK() throws {
        let sampler = try IdentitySampler(
            labels: labels, identitiesPerBatch: 4, imagesPerIdentity: 3, seed: 1)
        var used: Set<Int> = []
        for epoch in 0..<20 {
            let batches = sampler.batches(epoch: epoch)
            // Identities have 1 1 1 1 1 2 2 2 3 3 groups of three (17): at least 2 batches, at most 17 / 4.
            #expect((2...4).contains(batches.count))
            for batch in batches {
                let identities = batch.map { labels[$0] }
                #expect(batch.count == 12 && !identities.contains(-1))
                #expect(Set(identities).count == 4)
                // Grouped: K images of one identity in a row.
                for start in stride(from: 0, to: 12, by: 3) {
                    #expect(Set(identities[start..<(start + 3)]).count == 1)
                }
                for (identity, group) in Dictionary(grouping: batch, by: { labels[$0] }) where identity >= 2 {
                    #expect(
                        Set(group).count == 3, "an identity of \(identity + 1) images needs no repetition")
                }
                used.formUnion(batch)
            }
            let long = batches.joined().filter { labels[$0] >= 2 }
            #expect(Set(long).count == long.count, "no image twice in an epoch")
        }
        #expect(used.count == 55, "over the epochs every image is used")
        #expect(sampler.batches(epoch: 3) == sampler.batches(epoch: 3))
    }

    @Test func identityWithOneImageIsRepeatedOrSkipped() throws {
        let repeating = try IdentitySampler(
            labels: labels, identitiesPerBatch: 10, imagesPerIdentity: 4, seed: 1)
        let batch = try #require(repeating.batches(epoch: 0).first)
        #expect(batch.filter { labels[$0] == 0 } == [1, 1, 1, 1])
        #expect(batch.filter { labels[$0] == 1 }.sorted() == [2, 2, 3, 3])
        let skipping = try IdentitySampler(
            labels: labels, identitiesPerBatch: 7, imagesPerIdentity: 4, shortIdentities: .skip, seed: 1)
        #expect(skipping.identityCount == 7)
        #expect(skipping.batches(epoch: 0).joined().allSatisfy { labels[$0] >= 3 })
    }

    @Test func impossibleSettingsAreRefused() {
        #expect(
            message {
                _ = try IdentitySampler(labels: labels, identitiesPerBatch: 11, imagesPerIdentity: 4, seed: 1)
            } == "identity sampler: P = 11 identities per batch, but the data has 10; lower P")
        #expect(
            message {
                _ = try IdentitySampler(
                    labels: labels, identitiesPerBatch: 8, imagesPerIdentity: 4, shortIdentities: .skip,
                    seed: 1)
            }
                == "identity sampler: P = 8 identities per batch, but the data has 7 with at least 4 images (10 in all); lower P"
        )
        #expect(
            message { _ = try SequentialSampler(count: 0, batchSize: 1) }.contains("the data set is empty"))
        #expect(
            message { _ = try ShuffledSampler(count: 5, batchSize: 8, seed: 0) }
                == "shuffled sampler: batches of 8 cannot be made of 5 samples; lower the batch size")
    }

    @Test func cursorGoesOnForEverAndReturnsToAnyPlace() throws {
        let sampler = try IdentitySampler(
            labels: labels, identitiesPerBatch: 4, imagesPerIdentity: 3, seed: 9)
        var cursor = try SamplerCursor(sampler)
        var walked: [(epoch: Int, batch: Int, items: [(index: Int, occurrence: Int)])] = []
        for _ in 0..<30 {
            let (epoch, batch) = (cursor.epoch, cursor.batch)
            walked.append((epoch, batch, cursor.next().items))
        }
        #expect(walked.last?.epoch ?? 0 > 5)
        for (epoch, batch, items) in walked {
            cursor.move(epoch: epoch, batch: batch)
            let again = cursor.next().items
            #expect(again.map(\.index) == items.map(\.index))
            #expect(again.map(\.occurrence) == items.map(\.occurrence))
        }
    }
}
