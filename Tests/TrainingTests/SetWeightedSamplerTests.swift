import Testing
import Training

@Suite struct SetWeightedSamplerTests {
    /// Set 0: 20 people with 6 images each; set 1: 5 people with 2; set 2: people 0 to 2 again, 3 images each.
    static let people =
        (0..<20).flatMap { [Int](repeating: $0, count: 6) } + (20..<25).flatMap { [$0, $0] }
        + [0, 0, 0, 1, 1, 1, 2, 2, 2]
    static let sets =
        [Int](repeating: 0, count: 120) + [Int](repeating: 1, count: 10) + [Int](repeating: 2, count: 9)

    private func sampler(
        weights: [Int: Double] = [:], people perBatch: Int = 6, images: Int = 4, batches: Int? = nil,
        seed: UInt64 = 1
    ) throws -> SetWeightedSampler {
        try SetWeightedSampler(
            labels: Self.people, sets: Self.sets, weights: weights, identitiesPerBatch: perBatch,
            imagesPerIdentity: images, batchesPerEpoch: batches, seed: seed)
    }

    @Test("every set has its share, whatever its size")
    func shares() throws {
        for (weights, expected) in [
            ([:], [1.0 / 3, 1.0 / 3, 1.0 / 3]), ([0: 2, 1: 1, 2: 1], [0.5, 0.25, 0.25]),
            ([0: 3, 1: 0.5, 2: 0.5], [0.75, 0.125, 0.125]), ([2: 0], [0.5, 0.5, 0]),
        ] as [([Int: Double], [Double])] {
            let batches = try sampler(weights: weights, batches: 40).batches(epoch: 0)
            // The first of a person's images is of the set that drew the person.
            let drawn = batches.flatMap { batch in stride(from: 0, to: batch.count, by: 4).map { batch[$0] } }
            #expect(drawn.count == 240)
            for set in 0..<3 {
                let count = drawn.count { Self.sets[$0] == set }
                #expect(abs(Double(count) - 240 * expected[set]) <= 1, "\(weights), set \(set): \(count)")
            }
        }
    }

    @Test("a batch has P people with K images each, which may be of other sets")
    func batches() throws {
        let batches = try sampler(batches: 50).batches(epoch: 3)
        var elsewhere = 0
        for batch in batches {
            #expect(batch.count == 24)
            var seen: Set<Int> = []
            for start in stride(from: 0, to: 24, by: 4) {
                let group = batch[start..<(start + 4)]
                let person = Self.people[batch[start]]
                #expect(group.allSatisfy { Self.people[$0] == person })
                #expect(seen.insert(person).inserted, "person \(person) twice")
                // As many different images as there are.
                #expect(Set(group).count == (person >= 20 ? 2 : 4))
                elsewhere += group.count { Self.sets[$0] != Self.sets[batch[start]] }
            }
        }
        #expect(elsewhere > 50)
    }

    @Test("the people of a set take turns")
    func turns() throws {
        let batches = try sampler(weights: [0: 1, 1: 1, 2: 0], people: 4, batches: 25).batches(epoch: 0)
        let drawn = batches.flatMap { batch in stride(from: 0, to: 16, by: 4).map { Self.people[batch[$0]] } }
        let counts = (20..<25).map { person in drawn.count { $0 == person } }
        #expect(counts.allSatisfy { abs($0 - 10) <= 1 }, "\(counts)")
    }

    @Test("a set that has too few people gives its places to others")
    func smallSet() throws {
        let batches = try sampler(weights: [2: 100], people: 10, batches: 10).batches(epoch: 0)
        for batch in batches {
            let people = stride(from: 0, to: 40, by: 4).map { Self.people[batch[$0]] }
            #expect(Set(people).count == 10)
            #expect(Set(people).isSuperset(of: [0, 1, 2]))
        }
    }

    @Test("the same seed and epoch give the same batches, others do not")
    func seeds() throws {
        let one = try sampler()
        #expect(one.batches(epoch: 2) == (try sampler()).batches(epoch: 2))
        #expect(one.batches(epoch: 2) != one.batches(epoch: 3))
        #expect(one.batches(epoch: 2) != (try sampler(seed: 2)).batches(epoch: 2))
        #expect(one.batches(epoch: 0).count == 139 / 24)
        #expect(one.description != (try sampler(weights: [0: 2])).description)
    }

    @Test("what cannot work is refused, and why")
    func refused() {
        #expect(message { _ = try sampler(weights: [7: 1]) }.contains("no sample is of set 7"))
        #expect(message { _ = try sampler(weights: [0: -1]) }.contains("weight -1.0 of set 0"))
        #expect(
            message { _ = try sampler(weights: [0: 0], people: 9) }.contains(
                "P = 9 identities per batch, but the sets of positive weight have 8"))
        #expect(message { _ = try sampler(weights: [0: 0, 1: 0, 2: 0]) }.contains("positive weight have 0"))
        #expect(message { _ = try sampler(images: 0) }.contains("K = 0"))
        #expect(
            message {
                _ = try SetWeightedSampler(
                    labels: [1, 2], sets: [0], identitiesPerBatch: 1, imagesPerIdentity: 1, seed: 0)
            }.contains("2 labels and 1 sets"))
    }
}
