import Metrics
import Testing

/// Values come from NumPy (Tools/reference/verification_table.py).
@Suite struct VerificationTableTests {
    struct Case: Decodable {
        let references: [Int]
        let probes: [Int]
        let samePhoto: [Int?]
        let scores: [Float]
        let fars: [Double]
        let tar: [Double]
        let genuine: Int
        let impostor: Int
        let rounds: [[Double]]
    }

    private func table(_ expected: Case) throws -> VerificationTable {
        try VerificationTable(
            references: expected.references, probes: expected.probes, samePhoto: expected.samePhoto
        ) { rows in
            let width = expected.probes.count
            return Array(expected.scores[rows.lowerBound * width..<rows.upperBound * width])
        }
    }

    @Test func pairsAreSplitByPerson() throws {
        let expected = try Fixtures.decode(Case.self, "verification-table.json")
        let table = try table(expected)
        #expect(table.scores.genuine.count == expected.genuine)
        #expect(table.scores.impostor.count == expected.impostor)
        for (far, tar) in zip(expected.fars, expected.tar) {
            expectNear(try table.scores.operatingPoint(far: far).tar, tar, 1e-12, "\(far)")
        }
    }

    @Test func resamplesOfPersonsAgree() throws {
        let expected = try Fixtures.decode(Case.self, "verification-table.json")
        let rounds = try table(expected).bootstrap(fars: expected.fars, rounds: 6, seed: 3)
        for (index, far) in expected.fars.enumerated() {
            for round in 0..<6 {
                expectNear(rounds[index][round], expected.rounds[index][round], 1e-12, "\(far), \(round)")
            }
        }
    }

    @Test func rowsComeInBlocks() throws {
        var asked: [Range<Int>] = []
        let table = try VerificationTable(
            references: (0..<600).map { $0 % 3 }, probes: [0, 1, 2],
            samePhoto: [Int?](repeating: nil, count: 600)
        ) { rows in
            asked.append(rows)
            return rows.flatMap { [Float($0), 1000, -1] }
        }
        #expect(asked == [0..<256, 256..<512, 512..<600])
        #expect(table.scores.genuine.count == 600 && table.scores.impostor.count == 1200)
        #expect(table.persons == 3)
    }

    @Test func badArgumentsAreErrors() throws {
        let empty: (Range<Int>) throws -> [Float] = { rows in rows.flatMap { _ in [Float(0), 0] } }
        #expect(throws: MetricsError.self) {
            _ = try VerificationTable(references: [0, 1], probes: [0, 1], samePhoto: [nil], rows: empty)
        }
        #expect(throws: MetricsError.self) {
            _ = try VerificationTable(
                references: [0, 1], probes: [0, 1, 2], samePhoto: [nil, nil], rows: empty)
        }
        #expect(throws: MetricsError.self) {
            // Nobody is on both sides.
            _ = try VerificationTable(
                references: [0, 0], probes: [1, 1], samePhoto: [nil, nil], rows: empty)
        }
        let table = try VerificationTable(
            references: [0, 1], probes: [0, 1], samePhoto: [nil, nil], rows: empty)
        #expect(throws: MetricsError.self) { _ = try table.bootstrap(fars: [0.2]) }
        #expect(throws: MetricsError.self) { _ = try table.bootstrap(fars: [0.1], rounds: 1) }
    }

    @Test func percentilesAreLinear() {
        let interval = Interval.percentile((0...100).map(Double.init).reversed(), confidence: 0.9)
        expectNear(interval.low, 5, 1e-12)
        expectNear(interval.high, 95, 1e-12)
        #expect(Interval.percentile([]) == Interval(low: 0, high: 1))
    }
}
