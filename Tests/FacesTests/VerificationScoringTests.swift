import Faces
import Foundation
import Imaging
import Metrics
import Testing
import Torch

/// A recogniser that sees only the mean colour: embeddings whose cosines are known. Left and right half count differently where asked.
private final class ColourRecogniser: FaceRecogniser {
    let name: String
    let alignment = AlignmentTemplate.arcFace112
    let embeddingDimension = 3
    let device = Device.cpu
    let looksLeft: Bool
    var calls = 0

    init(_ name: String = "colour", looksLeft: Bool = false) {
        self.name = name
        self.looksLeft = looksLeft
    }

    func embed(_ faces: Tensor) throws(TorchError) -> Tensor {
        calls += faces.size(0)
        let seen = looksLeft ? try faces.narrow(3, 0, 56) : faces
        return try (seen.mean([2, 3]) + 1).l2Normalised(dim: 1)
    }
}

/// Finds a face that fills photos with even width.
private struct EvenDetector: FaceDetector {
    func detect(_ image: Image) throws -> [DetectedFace] {
        guard image.width.isMultiple(of: 2) else { return [] }
        return try AlignedFaceDetector().detect(image)
    }
}

/// Paints photos: "masked" blue, "recovered" green.
private final class Paint: PhotoTreatment {
    let views: [PhotoView] = [.masked, .recovered]
    var names: [String] = []
    var shade: UInt8 = 255

    func signature(of view: PhotoView) -> String { "paint \(view.rawValue) \(shade)" }

    func apply(to photo: Image, face: DetectedFace?, name: String, views: Set<PhotoView>) throws
        -> [PhotoView: TreatedPhoto]
    {
        names.append(name)
        return Dictionary(
            uniqueKeysWithValues: views.map { view in
                guard face != nil else { return (view, TreatedPhoto(image: photo, isTreated: false)) }
                let colour: (UInt8, UInt8, UInt8) = view == .masked ? (0, 0, shade) : (0, shade, 0)
                return (view, TreatedPhoto(image: flat(colour.0, colour.1, colour.2, width: photo.width)))
            })
    }
}

private func flat(_ r: UInt8, _ g: UInt8, _ b: UInt8, width: Int = 112) -> Image {
    var image = Image(width: width, height: 112, channels: 3)
    for i in 0..<width * 112 {
        image.pixels[3 * i] = r
        image.pixels[3 * i + 1] = g
        image.pixels[3 * i + 2] = b
    }
    return image
}

@Suite struct VerificationScoringTests {
    /// Red Ada twice, green Bo once with a photo whose face is not found.
    private func dataSet() throws -> (folder: Folder, pairs: VerificationPairs) {
        let folder = try Folder()
        for (person, number, image) in [
            ("Ada", 1, flat(255, 0, 0)), ("Ada", 2, flat(255, 0, 0)), ("Bo", 1, flat(0, 255, 0, width: 113)),
        ] {
            try FileManager.default.createDirectory(at: folder.url(person), withIntermediateDirectories: true)
            try image.writePNG(folder.path("\(person)/\(person)_000\(number).png"))
        }
        let pairs = try VerificationPairs(
            text: "2 1\nAda 1 2\nAda 1 Bo 1\nAda 2 1\nAda 2 Bo 1\n", source: "pairs")
        return (folder, pairs)
    }

    private func collector(
        _ folder: Folder, _ recognisers: [ColourRecogniser], paint: Paint? = nil,
        cache: EmbeddingCache? = nil,
        isMirrored: Bool = false
    ) -> EmbeddingCollector {
        EmbeddingCollector(
            detector: EvenDetector(), recognisers: recognisers.map { .init($0) },
            source: FolderPhotos(folder.url.path + "/"), treatments: paint.map { [$0] } ?? [], cache: cache,
            isMirrored: isMirrored, batchSize: 2)
    }

    @Test func everyPhotoIsEmbeddedOnce() throws {
        let (folder, pairs) = try dataSet()
        let recognisers = [ColourRecogniser(), ColourRecogniser("second")]
        let rule = FusionRule.single(.clean)
        var steps: [Int] = []
        let rows = try collector(folder, recognisers).collect(VerificationOutcome.wanted(pairs, [rule])) {
            done, total in
            #expect(total == 3)
            steps.append(done)
        }
        #expect(steps == [1, 2, 3])
        #expect(recognisers.map(\.calls) == [3, 3])
        let outcome = try VerificationOutcome(pairs, rule: rule, embeddings: rows[0])
        #expect(outcome.photos == 3)
        #expect(Set(outcome.withoutFace.map(\.stem)) == ["Bo/Bo_0001"])
        #expect(outcome.untreated.isEmpty)
        for (score, expected) in zip(outcome.scores, [1, 0, 1, 0] as [Float]) {
            #expect(abs(score - expected) < 1e-5)
        }
        let report = try outcome.report()
        #expect(report.accuracy == 1 && report.auc == 1 && report.eer == 0 && report.pairs == 4)
        #expect(report.tar == ["1e-2": 1, "1e-3": 1])
        // Firsts Ada 1, Ada 2; seconds Ada 2, Bo 1, Ada 1: a photo is not compared with itself.
        let all = try outcome.allPairs().scores
        #expect(all.genuine.count == 2 && all.impostor.count == 2)
        #expect(all.genuine.allSatisfy { abs($0 - 1) < 1e-5 } && all.impostor.allSatisfy { abs($0) < 1e-5 })
    }

    @Test func secondPhotosAreTreated() throws {
        let (folder, pairs) = try dataSet()
        let recogniser = ColourRecogniser()
        let paint = Paint()
        let rule = FusionRule.single(.masked)
        let rows = try collector(folder, [recogniser], paint: paint).collect(
            VerificationOutcome.wanted(pairs, [rule]))
        let outcome = try VerificationOutcome(pairs, rule: rule, embeddings: rows[0])
        // Ada 1 and 2 in both roles, Bo in one.
        #expect(recogniser.calls == 5)
        #expect(outcome.photos == 5)
        #expect(Set(paint.names) == ["Ada/Ada_0002", "Bo/Bo_0001", "Ada/Ada_0001"])
        #expect(outcome.untreated.map(\.stem) == ["Bo/Bo_0001"])
        #expect(outcome.scores.allSatisfy { abs($0) < 1e-5 })
    }

    @Test func missingPhotosAreNamedBeforeWork() throws {
        let (folder, _) = try dataSet()
        let recogniser = ColourRecogniser()
        let pairs = try VerificationPairs(text: "1 1\nAda 1 2\nAda 1 Zoe 7\n", source: "pairs")
        let wanted = VerificationOutcome.wanted(pairs, [.single(.clean)])
        let error = try #require(throws: FacesError.self) {
            _ = try collector(folder, [recogniser]).collect(wanted)
        }
        #expect(error.description.contains("1 photos of the list are missing"))
        #expect(error.description.contains("Zoe/Zoe_0007.jpg"))
        #expect(recogniser.calls == 0)
        let noFolder = try #require(throws: FacesError.self) {
            try FolderPhotos(folder.path("none")).locate(wanted.map(\.photo))
        }
        #expect(noFolder.description.contains("none: no such folder"))
        #expect(throws: FacesError.self) {
            _ = try VerificationOutcome(
                VerificationPairs([]), rule: .single(.clean), embeddings: PhotoEmbeddings())
        }
        let treatment = try #require(throws: FacesError.self) {
            _ = try collector(folder, [recogniser]).collect(
                wanted.map { ($0.photo, [.masked]) })
        }
        #expect(treatment.description.contains("no treatment makes the view 'masked'"))
    }

    @Test func unreadablePhotosStopTheRun() throws {
        let (folder, pairs) = try dataSet()
        try Data("not an image".utf8).write(to: folder.url("Ada/Ada_0002.png"))
        let error = try #require(throws: ImagingError.self) {
            _ = try collector(folder, [ColourRecogniser()]).collect(
                VerificationOutcome.wanted(pairs, [.single(.clean)]))
        }
        #expect(error.description.contains("Ada_0002.png"))
    }

    @Test func mirrorImagesAreAveraged() throws {
        let folder = try Folder()
        var image = flat(255, 0, 0)
        for y in 0..<112 {
            for x in 56..<112 {
                image.pixels.replaceSubrange(3 * (y * 112 + x)..<3 * (y * 112 + x) + 3, with: [0, 255, 0])
            }
        }
        try image.writePNG(folder.path("a.png"))
        let photo = VerificationPair.Photo(stem: "a.png")
        let half = Float(0.5).squareRoot()
        for (isMirrored, expected) in [(false, [1, 0, 0]), (true, [half, half, 0])] as [(Bool, [Float])] {
            let row = try collector(
                folder, [ColourRecogniser(looksLeft: true)], isMirrored: isMirrored
            ).collect([(photo, [.clean])])[0].row(photo, .clean)
            // Resampling mixes the halves at their border.
            #expect(zip(row.values, expected).allSatisfy { abs($0 - $1) < 0.02 }, "\(row.values)")
        }
    }

    // MARK: Cache

    @Test func theCacheSparesWork() throws {
        let (folder, pairs) = try dataSet()
        let cacheFolder = folder.path("cache")
        let rules = [FusionRule.single(.clean), .single(.recovered)]
        let wanted = VerificationOutcome.wanted(pairs, rules)
        func run(_ paint: Paint) throws -> (calls: Int, painted: Int, rows: PhotoEmbeddings) {
            let recogniser = ColourRecogniser()
            let rows = try collector(
                folder, [recogniser], paint: paint, cache: EmbeddingCache(folder: cacheFolder)
            ).collect(wanted)
            return (recogniser.calls, paint.names.count, rows[0])
        }
        let first = try run(Paint())
        #expect(first.calls == 6 && first.painted == 3)
        let second = try run(Paint())
        #expect(second.calls == 0 && second.painted == 0)
        #expect(second.rows.rows == first.rows.rows)
        // Other settings of a treatment touch only its views.
        let paint = Paint()
        paint.shade = 100
        #expect(try run(paint).calls == 3)
        // A photo that changed is embedded anew.
        try flat(10, 20, 30, width: 120).writePNG(folder.path("Ada/Ada_0001.png"))
        #expect(try run(Paint()).calls == 2)
    }

    @Test func tornRecordsAreDropped() throws {
        let folder = try Folder()
        let row = PhotoEmbeddings.Row(values: [1, -2, 0.5], hasFace: true, isTreated: false)
        var path = ""
        do {
            let table = try EmbeddingCache(folder: folder.url.path).table("x", signature: "s", dimension: 3)
            try table.keep(row, for: "a")
            try table.keep(.init(values: [0, 0, 1], hasFace: false, isTreated: true), for: "b")
            #expect(throws: FacesError.self) {
                try table.keep(.init(values: [1], hasFace: true, isTreated: true), for: "c")
            }
            path = table.path
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        func reopened() throws -> EmbeddingCache.Table {
            try EmbeddingCache(folder: folder.url.path).table("x", signature: "s", dimension: 3)
        }
        #expect(try reopened().count == 2)
        #expect(try reopened()["a"] == row)
        try whole.dropLast(5).write(to: URL(fileURLWithPath: path))
        let torn = try reopened()
        #expect(torn.count == 1 && torn["a"] == row && torn["b"] == nil)
        try torn.keep(row, for: "b")
        #expect(try reopened()["b"] == row)
        var damaged = whole
        damaged[damaged.count - 8] ^= 1
        try damaged.write(to: URL(fileURLWithPath: path))
        #expect(try reopened().count == 1)
        #expect(
            try EmbeddingCache(folder: folder.url.path).table("x", signature: "other", dimension: 3).count
                == 0)
        try Data().write(to: folder.url("file"))
        #expect(throws: FacesError.self) { _ = try EmbeddingCache(folder: folder.path("file")) }
    }

    // MARK: Fusion

    /// Rows whose cosines are easy: a reference along x, probes at some angles.
    private func embeddings() -> (VerificationPair.Photo, VerificationPair.Photo, PhotoEmbeddings) {
        let a = VerificationPair.Photo(stem: "a", person: "A")
        let b = VerificationPair.Photo(stem: "b", person: "B")
        var rows = PhotoEmbeddings()
        func set(_ photo: VerificationPair.Photo, _ view: PhotoView, _ values: [Float]) {
            rows.rows[.init(photo, view)] = .init(values: values, hasFace: true, isTreated: true)
        }
        set(a, .clean, [1, 0])
        set(a, .enrolledMasked, [0, 1])
        set(a, .enrolledRealigned, [0, 1])
        set(a, .enrolledRecovered, [0.6, 0.8])
        set(b, .masked, [0.6, 0.8])
        set(b, .realigned, [0.6, 0.8])
        set(b, .recovered, [0.8, -0.6])
        return (a, b, rows)
    }

    private func score(_ rule: FusionRule) throws -> Float {
        let (a, b, rows) = embeddings()
        let outcome = try VerificationOutcome(
            VerificationPairs([VerificationPair(a, b, fold: 0)]), rule: rule, embeddings: rows)
        return outcome.scores[0]
    }

    @Test func rulesCombineAsDocumented() throws {
        let terms = [
            FusionRule.Term(.clean, .masked, weight: 1), FusionRule.Term(.clean, .recovered, weight: 3),
        ]
        func rule(_ combination: FusionRule.Combination) -> FusionRule {
            FusionRule(name: "fused", combination)
        }
        #expect(abs(try score(.single(.masked)) - 0.6) < 1e-6)
        #expect(abs(try score(rule(.scores(terms))) - (0.6 + 3 * 0.8) / 4) < 1e-6)
        // 0.6 + 2.4 along x, 0.8 - 1.8 along y.
        #expect(abs(try score(.sum(recovered: 0.75)) - 3 / Float(10).squareRoot()) < 1e-6)
        let equal = [FusionRule.Term(.clean, .masked), FusionRule.Term(.clean, .recovered)]
        #expect(abs(try score(rule(.maximum(equal))) - 0.8) < 1e-6)
        let both = [FusionRule.Term(.clean, .masked), FusionRule.Term(.enrolledMasked, .masked)]
        #expect(abs(try score(rule(.scores(both))) - 0.7) < 1e-6)
        // References (1, 0) + 1/4 (0, 1) + 3/4 (0.6, 0.8), probes as in `sum`.
        let length = Float(1.45 * 1.45 + 0.85 * 0.85).squareRoot()
        let expected = (1.45 * 3 + 0.85 * -1) / length / Float(10).squareRoot()
        #expect(abs(try score(.enrolled(recovered: 0.75)) - expected) < 1e-6)
        #expect(throws: FacesError.self) { try score(rule(.scores([.init(.recovered, .masked)]))) }
    }

    @Test func wornMasksAreTreatedOnBothSides() {
        #expect(FusionRule.single(.masked).forWornMasks.combination == .scores([.init(.clean, .clean)]))
        #expect(
            FusionRule.single(.recovered).forWornMasks.combination == .scores([.init(.recovered, .recovered)])
        )
        let parts = [FusionRule.Part(.realigned, weight: 0.5), FusionRule.Part(.recovered, weight: 0.5)]
        #expect(
            FusionRule.enrolled().forWornMasks.combination == .embeddings(references: parts, probes: parts))
        #expect(FusionRule.enrolled().forWornMasks.referenceViews == [.realigned, .recovered])
        // What has no weight need not be there: masking both sides needs no recovery.
        let bothMasked = FusionRule.enrolled(recovered: 0)
        #expect(bothMasked.probeViews == [.realigned])
        #expect(bothMasked.referenceViews == [.clean, .enrolledRealigned])
        let alone = FusionRule(
            name: "alone",
            .scores([
                .init(.enrolledMasked, .masked, weight: 1), .init(.enrolledRecovered, .recovered, weight: 0),
            ]))
        #expect(alone.referenceViews == [.enrolledMasked] && alone.probeViews == [.masked])
        #expect(FusionRule.sum(recovered: 1).probeViews == [.recovered])
    }

    private struct CohortReference: Decodable {
        let references: [Int]
        let probes: [Int]
        let scores: [Float]
        let normalised4: [Float]
        let normalised100: [Float]
    }

    @Test func cohortsHoldNeitherPersonOfAPair() throws {
        let reference = try JSONDecoder().decode(
            CohortReference.self, from: Data(contentsOf: URL(filePath: fixture("cohort.json"))))
        for (top, expected) in [(4, reference.normalised4), (100, reference.normalised100)] {
            let values = try CohortNormalisation(top: top)(
                reference.scores, references: reference.references, probes: reference.probes)
            #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-4 })
        }
        // Two persons leave nobody to compare with.
        #expect(throws: FacesError.self) {
            try CohortNormalisation()([1, 0, 0, 1], references: [0, 1], probes: [0, 1])
        }
        #expect(throws: FacesError.self) {
            try CohortNormalisation()([1, 0, 0], references: [0, 1], probes: [0, 1])
        }
    }

    /// Pairs of the list and all pairs are normalised alike, and by who is on the photos.
    @Test func outcomesAreNormalisedByTheirList() throws {
        var rows = PhotoEmbeddings()
        var pairs: [VerificationPair] = []
        for index in 0..<6 {
            let photos = ["a", "b"].map {
                VerificationPair.Photo(stem: "\($0)\(index)", person: "P\(index / 2)")
            }
            for (side, photo) in photos.enumerated() {
                let angle = Float(index) * 0.7 + Float(side) * 0.2
                rows.rows[.init(photo, .clean)] = .init(
                    values: [cos(angle), sin(angle)], hasFace: true, isTreated: true)
            }
            pairs.append(VerificationPair(photos[0], photos[1], fold: index % 2))
            if index > 1 { pairs.append(VerificationPair(pairs[0].first, photos[1], fold: index % 2)) }
        }
        let list = VerificationPairs(pairs)
        let cohort = CohortNormalisation(top: 2)
        let outcome = try VerificationOutcome(
            list, rule: .single(.clean), embeddings: rows, cohort: cohort)
        let scores = (0..<6).flatMap { first in
            (0..<6).map { second in cos(Float(second - first) * 0.7 + 0.2) }
        }
        let persons = (0..<6).map { $0 / 2 }
        let expected = try cohort(scores, references: persons, probes: persons)
        #expect(zip(outcome.scores, [expected[0], expected[7]]).allSatisfy { abs($0 - $1) < 1e-2 })
        let all = try outcome.allPairs().scores
        let genuine = (0..<36).filter { persons[$0 / 6] == persons[$0 % 6] }.map { expected[$0] }.sorted()
        #expect(zip(all.genuine.sorted(), genuine).allSatisfy { abs($0 - $1) < 1e-2 })
        let nobody = VerificationPairs(
            pairs.map {
                VerificationPair(
                    .init(stem: $0.first.stem), .init(stem: $0.second.stem), isSame: $0.isSame, fold: $0.fold)
            })
        var nameless = PhotoEmbeddings()
        for (key, row) in rows.rows { nameless.rows[.init(.init(stem: key.photo.stem), key.view)] = row }
        let error = #expect(throws: FacesError.self) {
            _ = try VerificationOutcome(
                nobody, rule: .single(.clean), embeddings: nameless, cohort: cohort)
        }
        #expect("\(try #require(error))".contains("who is on the photos"))
    }

    @Test func allPairsFollowTheRule() throws {
        let (a, b, rows) = embeddings()
        var all = rows
        // B's photo as a reference as well, so that both kinds of pairs exist.
        let c = VerificationPair.Photo(stem: "c", person: "B")
        all.rows[.init(c, .clean)] = .init(values: [0, -1], hasFace: true, isTreated: true)
        let list = VerificationPairs([VerificationPair(a, b, fold: 0), VerificationPair(c, b, fold: 1)])
        let rule = FusionRule(
            name: "fused", .maximum([.init(.clean, .masked), .init(.clean, .recovered)]))
        let outcome = try VerificationOutcome(list, rule: rule, embeddings: all)
        let table = try outcome.allPairs()
        #expect(table.scores.genuine.count == 1 && abs(table.scores.genuine[0] - 0.6) < 1e-6)
        #expect(table.scores.impostor.count == 1 && abs(table.scores.impostor[0] - 0.8) < 1e-6)
        #expect(outcome.scores.count == 2 && outcome.scores[1] == table.scores.genuine[0])
        let unknown = VerificationPairs([
            VerificationPair(.init(stem: "a", person: "A"), .init(stem: "b"), isSame: true, fold: 0)
        ])
        var stripped = all
        stripped.rows[.init(.init(stem: "b"), .masked)] = .init(
            values: [1, 0], hasFace: true, isTreated: true)
        let error = try #require(throws: FacesError.self) {
            _ = try VerificationOutcome(unknown, rule: .single(.masked), embeddings: stripped).allPairs()
        }
        #expect(error.description.contains("not who is on the photos"))
    }
}
