import Metrics
import Torch

/// The similarities of a list of pairs by one recogniser and one rule.
public struct VerificationOutcome {
    public let list: VerificationPairs
    public let rule: FusionRule
    /// Of each pair.
    public let scores: [Float]
    /// Distinct photos, each counted once per role.
    public let photos: Int
    /// Photos in which no face was found in one of the views used.
    public let withoutFace: [VerificationPair.Photo]
    /// Second photos that could not be treated.
    public let untreated: [VerificationPair.Photo]

    /// Normalised scores of every first photo with every second one, row-major; nil where scores stay as they are.
    private let normalised: [Float]?
    private let references: [Row]
    private let probes: [Row]

    /// - Parameter cohort: how scores are normalised by the list's other persons; nil leaves them as they are.
    /// - Throws: `FacesError.invalidArgument` for no pairs, photos that were not embedded in the rule's views, or a cohort from a list
    ///   that does not tell who is on the photos.
    public init(
        _ list: VerificationPairs, rule: FusionRule, embeddings: PhotoEmbeddings,
        cohort: CohortNormalisation? = nil
    ) throws {
        guard !list.pairs.isEmpty else { throw FacesError.invalidArgument("no pairs to compare") }
        self.list = list
        self.rule = rule
        let (firsts, seconds) = (list.firstPhotos, list.secondPhotos)
        var references: [Row] = []
        var probes: [Row] = []
        for photo in firsts { references.append((photo, try rule.referenceVectors(photo, embeddings))) }
        for photo in seconds { probes.append((photo, try rule.probeVectors(photo, embeddings))) }
        if let cohort {
            guard list.knowsPersons else {
                throw FacesError.invalidArgument(
                    "the list does not tell who is on the photos: no cohort of other persons can be made of it"
                )
            }
            let persons = Self.persons(references, probes)
            let table = try cohort(
                Self.table(references, probes)(references.indices), references: persons.references,
                probes: persons.probes)
            let rows = Dictionary(uniqueKeysWithValues: zip(references.map(\.photo), references.indices))
            let columns = Dictionary(uniqueKeysWithValues: zip(probes.map(\.photo), probes.indices))
            scores = list.pairs.map {
                table[rows[$0.first, default: 0] * probes.count + columns[$0.second, default: 0]]
            }
            normalised = table
        } else {
            let left = Dictionary(uniqueKeysWithValues: references.map { ($0.photo, $0.vectors) })
            let right = Dictionary(uniqueKeysWithValues: probes.map { ($0.photo, $0.vectors) })
            scores = list.pairs.map { FusionRule.similarity(left[$0.first] ?? [], right[$0.second] ?? []) }
            normalised = nil
        }
        self.references = references
        self.probes = probes
        // Untreated photos are the same in both roles.
        let isTreating = rule.probeViews != [.clean]
        let known = Set(firsts)
        photos = firsts.count + seconds.count { isTreating || !known.contains($0) }
        var withoutFace: [VerificationPair.Photo] = []
        var untreated: [VerificationPair.Photo] = []
        for (photos, views) in [(firsts, rule.referenceViews), (seconds, rule.probeViews)] {
            for photo in photos {
                let rows = views.compactMap { embeddings.rows[.init(photo, $0)] }
                if !rows.allSatisfy(\.hasFace) { withoutFace.append(photo) }
                if !rows.allSatisfy(\.isTreated) { untreated.append(photo) }
            }
        }
        self.withoutFace = withoutFace
        self.untreated = untreated
    }

    public var same: [Bool] { list.pairs.map(\.isSame) }
    public var folds: [Int] { list.pairs.map(\.fold) }

    /// The views that a list and some rules need of every photo.
    public static func wanted(_ list: VerificationPairs, _ rules: [FusionRule]) -> [(
        photo: VerificationPair.Photo, views: Set<PhotoView>
    )] {
        let left = rules.reduce(into: Set<PhotoView>()) { $0.formUnion($1.referenceViews) }
        let right = rules.reduce(into: Set<PhotoView>()) { $0.formUnion($1.probeViews) }
        return list.firstPhotos.map { ($0, left) } + list.secondPhotos.map { ($0, right) }
    }

    /// Accuracy over folds, AUC, EER, TAR at FAR 10^-exponent.
    public func report(exponents: [Int] = [2, 3]) throws(MetricsError) -> VerificationReport {
        try VerificationReport(scores: scores, same: same, folds: folds, exponents: exponents)
    }

    /// The scores of the list's pairs.
    public func split() throws(MetricsError) -> VerificationScores {
        try VerificationScores(scores: scores, same: same)
    }

    /// Every distinct first photo against every distinct second one, other than itself: many more impostor pairs than the
    /// list has, so that small false acceptance rates can be measured.
    /// - Throws: `FacesError.invalidArgument` for lists that do not tell who is on the photos.
    public func allPairs() throws -> VerificationTable {
        guard list.knowsPersons else {
            throw FacesError.invalidArgument(
                "the list tells which pairs show one person, but not who is on the photos: photos of different pairs cannot be compared; leave --all-pairs and --calibration out"
            )
        }
        let persons = Self.persons(references, probes)
        var places: [VerificationPair.Photo: Int] = [:]
        for (index, probe) in probes.enumerated() { places[probe.photo] = index }
        let table = try Self.table(references, probes)
        return try VerificationTable(
            references: persons.references, probes: persons.probes,
            samePhoto: references.map { places[$0.photo] }
        ) { rows in
            guard let normalised else { return try table(rows) }
            return Array(normalised[rows.lowerBound * probes.count..<rows.upperBound * probes.count])
        }
    }

    private typealias Row = (photo: VerificationPair.Photo, vectors: [[Float]])

    /// Persons numbered from 0, sorted by name, so that rules and views of one list draw the same persons in a bootstrap.
    private static func persons(_ references: [Row], _ probes: [Row]) -> (references: [Int], probes: [Int]) {
        var numbers: [String: Int] = [:]
        for person in Set((references + probes).compactMap(\.photo.person)).sorted() {
            numbers[person] = numbers.count
        }
        func persons(_ photos: [Row]) -> [Int] { photos.map { numbers[$0.photo.person ?? ""] ?? 0 } }
        return (persons(references), persons(probes))
    }

    /// - Returns: from some references to their similarities with all probes, row-major.
    private static func table(_ references: [Row], _ probes: [Row]) throws -> (Range<Int>) throws -> [Float] {
        let blocks = probes.first?.vectors.count ?? 0
        let columns = try (0..<blocks).map { block in
            try Tensor(
                values: probes.flatMap { $0.vectors[block] },
                shape: [probes.count, probes[0].vectors[block].count]
            ).transpose(0, 1)
        }
        return { rows in
            try withoutGradients {
                var best: Tensor?
                for (block, columns) in columns.enumerated() {
                    let part = references[rows]
                    let width = part.first?.vectors[block].count ?? 0
                    let table = try Tensor(
                        values: part.flatMap { $0.vectors[block] }, shape: [part.count, width]
                    ).matmul(columns)
                    best = try best.map { try $0.maximum(table) } ?? table
                }
                return try best?.floats() ?? []
            }
        }
    }
}
