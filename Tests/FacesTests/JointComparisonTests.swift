import Faces
import Foundation
import TestSupport
import Testing
import Torch

/// The learned comparison of clean and masked embeddings.
@Suite struct JointComparisonTests {
    /// `Tools/reference/joint_comparison.py`: densities by SciPy.
    private struct Reference: Decodable {
        let shrinkage: Double
        let share: Double
        let references: [[Float]]
        let probes: [[Float]]
        let left: [[Float]]
        let right: [[Float]]
        let learned: [Float]
        let similarities: [Float]
        let probesAlone: [Float]
        let swapped: [Float]
    }

    private static func reference() throws -> Reference {
        try JSONDecoder().decode(
            Reference.self, from: Data(contentsOf: URL(filePath: fixture("joint-comparison.json"))))
    }

    private static func learned(_ reference: Reference) throws -> JointComparison {
        try JointComparison(
            references: reference.references, probes: reference.probes,
            settings: .init(shrinkage: reference.shrinkage, share: reference.share))
    }

    private static func similarities(
        _ comparison: JointComparison, _ left: [[Float]], _ right: [[Float]],
        as roles: (left: JointComparison.Role, right: JointComparison.Role) = (.reference, .probe)
    ) throws -> [Float] {
        try left.flatMap { a in
            let a = try comparison.left(a, as: roles.left)
            return try right.map { b in
                zip(a, try comparison.right(b, as: roles.right)).reduce(0) { $0 + $1.0 * $1.1 }
            }
        }
    }

    private static func agree(_ values: [Float], _ expected: [Float], _ tolerance: Float = 1e-4) -> Bool {
        values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) < tolerance }
    }

    @Test func similaritiesAreThoseOfTheDensities() throws {
        let reference = try Self.reference()
        let comparison = try Self.learned(reference)
        #expect(
            Self.agree(
                try Self.similarities(comparison, reference.references, reference.probes), reference.learned))
        let (left, right) = (reference.left, reference.right)
        #expect(Self.agree(try Self.similarities(comparison, left, right), reference.similarities))
        #expect(
            Self.agree(
                try Self.similarities(comparison, left, right, as: (.probe, .probe)), reference.probesAlone))
        #expect(
            Self.agree(
                try Self.similarities(comparison, left, right, as: (.probe, .reference)), reference.swapped))
    }

    /// Two persons have the cosines' mean and deviation, whatever the share.
    @Test func itKeepsTheScaleOfCosines() throws {
        let reference = try Self.reference()
        func spread(_ values: [Float]) -> (mean: Float, deviation: Float) {
            let count = reference.references.count
            let others = values.indices.filter { $0 / count != $0 % count }.map { values[$0] }
            let mean = others.reduce(0, +) / Float(others.count)
            return (
                mean,
                (others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(others.count)).squareRoot()
            )
        }
        let cosines = reference.references.flatMap { a in
            reference.probes.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        func learned(_ share: Double) throws -> [Float] {
            try Self.similarities(
                JointComparison(
                    references: reference.references, probes: reference.probes, settings: .init(share: share)),
                reference.references, reference.probes)
        }
        #expect(Self.agree(try learned(0), cosines))
        let whole = spread(try learned(1))
        #expect(abs(whole.mean - spread(cosines).mean) < 1e-4)
        #expect(abs(whole.deviation - spread(cosines).deviation) < 1e-4)
    }

    @Test func whatCannotBeLearnedFromIsExplained() throws {
        let reference = try Self.reference()
        func message(
            _ references: [[Float]], _ probes: [[Float]], _ settings: JointComparison.Settings = .init()
        )
            throws -> String
        {
            try #require(throws: FacesError.self) {
                _ = try JointComparison(references: references, probes: probes, settings: settings)
            }.description
        }
        let (x, y) = (reference.references, reference.probes)
        #expect(try message(Array(x.prefix(2)), Array(y.prefix(2))).contains("at least three faces"))
        #expect(try message(x, Array(y.dropLast())).contains("20 references and 19 probes"))
        #expect(try message(x, y.map { Array($0.dropLast()) }).contains("of one recogniser"))
        #expect(try message(x.map { _ in x[0] }, y.map { _ in y[0] }).contains("are the same"))
        #expect(try message(x.map { $0.map { _ in .nan } }, y).contains("at least three faces"))
        #expect(try message(x, y, .init(shrinkage: 0)).contains("shrinkage 0.0"))
        #expect(try message(x, y, .init(share: 1.5)).contains("share 1.5"))
        let comparison = try Self.learned(reference)
        #expect(throws: FacesError.self) { _ = try comparison.left([1, 0], as: .reference) }
    }

    // MARK: Rules and files

    private static let photos = (0..<20).map { VerificationPair.Photo(stem: "p\($0)", person: "P\($0 / 2)") }

    /// The faces learned from, as clean and recovered photos.
    private static func embeddings(_ reference: Reference) -> PhotoEmbeddings {
        var rows = PhotoEmbeddings()
        for (index, photo) in photos.enumerated() {
            rows.rows[.init(photo, .clean)] = .init(
                values: reference.references[index], hasFace: true, isTreated: true)
            rows.rows[.init(photo, .recovered)] = .init(
                values: reference.probes[index], hasFace: true, isTreated: true)
        }
        return rows
    }

    @Test func rulesCompareByWhatWasLearnedForThem() throws {
        let reference = try Self.reference()
        let rows = Self.embeddings(reference)
        let rule = FusionRule.single(.recovered)
        let (model, count) = try ComparisonModel.learned(
            recogniser: "sface", rules: [rule], photos: Self.photos, embeddings: rows,
            settings: .init(shrinkage: reference.shrinkage, share: reference.share))
        #expect(count == 20)
        let compared = try model.applied(to: rule)
        let list = VerificationPairs(
            (0..<20).flatMap { first in
                (0..<20).map { VerificationPair(Self.photos[first], Self.photos[$0], fold: 0) }
            })
        let outcome = try VerificationOutcome(list, rule: compared, embeddings: rows)
        #expect(Self.agree(outcome.scores, reference.learned))
        let expected = (0..<400).filter { $0 / 40 != $0 % 20 / 2 }.map { reference.learned[$0] }.sorted()
        #expect(
            Self.agree(
                try VerificationOutcome(list, rule: compared, embeddings: rows).allPairs().scores.impostor
                    .sorted(), expected))
        #expect(compared.forWornMasks.comparison == nil)

        let error = try #require(throws: FacesError.self) { _ = try model.applied(to: .enrolled()) }
        #expect(error.description.contains("only for clean:1.0 recovered:1.0"))
        let several = FusionRule(
            name: "fused", .maximum([.init(.clean, .masked), .init(.clean, .recovered)]))
        #expect(throws: FacesError.self) {
            _ = try ComparisonModel.learned(
                recogniser: "sface", rules: [several], photos: Self.photos, embeddings: rows)
        }
    }

    @Test func photosWithoutAFaceTeachNothing() throws {
        let reference = try Self.reference()
        var rows = Self.embeddings(reference)
        rows.rows[.init(Self.photos[3], .recovered)]?.isTreated = false
        rows.rows[.init(Self.photos[4], .clean)]?.hasFace = false
        rows.rows[.init(Self.photos[5], .clean)] = nil
        let learned = try ComparisonModel.learned(
            recogniser: "sface", rules: [.single(.recovered)], photos: Self.photos, embeddings: rows)
        #expect(learned.photos == 17)
        let error = try #require(throws: FacesError.self) {
            _ = try ComparisonModel.learned(
                recogniser: "sface", rules: [.single(.masked)], photos: Self.photos, embeddings: rows)
        }
        #expect(error.description.contains("in 0 of 20 photos a face was found"))
    }

    @Test func rulesAreToldApart() {
        let rules: [FusionRule] = [
            .single(.masked), .single(.realigned), .enrolled(), .enrolled(recovered: 0), .sum(),
            FusionRule(name: "", .maximum([.init(.clean, .masked), .init(.clean, .recovered)])),
            FusionRule(name: "", .scores([.init(.clean, .masked), .init(.clean, .recovered)])),
        ]
        #expect(Set(rules.map(\.signature)).count == rules.count)
        #expect(FusionRule.sum().signature == "clean:1.0 realigned:0.5+recovered:0.5")
    }

    @Test func modelsSurviveTheirFile() throws {
        let reference = try Self.reference()
        let folder = try Folder()
        let rule = FusionRule.single(.recovered)
        let model = try ComparisonModel.learned(
            recogniser: "sface", rules: [rule], photos: Self.photos, embeddings: Self.embeddings(reference)
        ).model
        let path = folder.path(ComparisonModel.name(recogniser: "sface"))
        try model.write(to: path)
        let again = try ComparisonModel(contentsOf: path, of: "sface")
        // Halves carry three digits.
        let before = try #require(try model.applied(to: rule).comparison)
        let after = try #require(try again.applied(to: rule).comparison)
        #expect(
            Self.agree(
                try Self.similarities(after, reference.left, reference.right),
                try Self.similarities(before, reference.left, reference.right), 5e-3))

        func message(_ path: String, _ recogniser: String = "sface") throws -> String {
            try #require(throws: FacesError.self) {
                _ = try ComparisonModel(contentsOf: path, of: recogniser)
            }.description
        }
        #expect(try message(path, "dlib").contains("belongs to the recogniser 'sface', not 'dlib'"))
        #expect(try message(folder.path("none")).contains("there is no learned comparison"))
        try SafeTensors.write([:], to: folder.path("other"), metadata: ["format": "semblance-landmarks-1"])
        #expect(try message(folder.path("other")).contains("format semblance-landmarks-1, expected"))
        let metadata = try SafeTensors.metadata(path)
        var tensors = try SafeTensors.read(path)
        tensors["\(rule.signature)/own"] = try Tensor.zeros([6, 5])
        try SafeTensors.write(tensors, to: folder.path("shape"), metadata: metadata)
        #expect(try message(folder.path("shape")).contains("'own' is [6, 5], expected floating-point [6, 6]"))
        tensors["\(rule.signature)/own"] = nil
        try SafeTensors.write(tensors, to: folder.path("missing"), metadata: metadata)
        #expect(try message(folder.path("missing")).contains("'own' is missing"))
    }
}
