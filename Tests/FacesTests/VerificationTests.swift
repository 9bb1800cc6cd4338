import Faces
import Foundation
import Imaging
import Metrics
import Resources
import Testing
import Torch

@Suite struct VerificationTests {
    // MARK: Lists of pairs

    @Test func foldsAndKindsAreRead() throws {
        let list = try VerificationPairs(
            text: "2\t1\nAda\t1\t2\nAda\t3\tBo\t12\nCy\t1\t4\nBo\t1\tCy\t10000\n", source: "pairs.txt")
        #expect(list.pairs.map(\.isSame) == [true, false, true, false])
        #expect(list.pairs.map(\.fold) == [0, 0, 1, 1])
        #expect(list.pairs[1].second.stem == "Bo/Bo_0012")
        #expect(list.pairs[3].second.stem == "Cy/Cy_10000")
    }

    @Test func listsWithoutFoldsGetSome() throws {
        let rows = (1...10).map { "A 1 \($0 + 1)" } + (1...10).map { "A 1 B \($0)" }
        let list = try VerificationPairs(text: "10\n" + rows.joined(separator: "\n"), source: "dev.txt")
        #expect(Set(list.pairs.map(\.fold)).count == 10)
        for fold in 0..<10 { #expect(Set(list.pairs.filter { $0.fold == fold }.map(\.isSame)).count == 2) }
    }

    @Test(arguments: [
        ("", "pairs.txt: the first line must hold"),
        ("many 300\n", "pairs.txt: the first line must hold"),
        ("0 300\n", "pairs.txt: the first line must hold"),
        ("1 1\nA 1 2\n", "pairs.txt: 1 pairs, but its first line announces 1 folds of 1 pairs of each kind"),
        ("9223372036854775807 2\nA 1 2\n", "pairs.txt: 1 pairs, but"),
        ("1 1\nA 1 2\nA 1 B x\n", "pairs.txt, line 3: 'A 1 B x' is no pair"),
        ("1 1\nA 1 2\n\nA 1 A 2\n", "pairs.txt, line 4: 'A 1 A 2' is no pair"),
        ("1 1\nA 1 2\nA 0 B 1\n", "pairs.txt, line 3: 'A 0 B 1' is no pair"),
        ("1 1\n.. 1 2\nA 1 B 1\n", "pairs.txt, line 2: '.. 1 2' is no pair"),
        ("1 1\na/b 1 2\nA 1 B 1\n", "pairs.txt, line 2: 'a/b 1 2' is no pair"),
    ])
    func badListsAreExplained(text: String, message: String) throws {
        let error = try #require(throws: FacesError.self) {
            _ = try VerificationPairs(text: text, source: "pairs.txt")
        }
        #expect(error.description.hasPrefix(message), "\(error)")
    }

    @Test func unreadableListsAreNamed() throws {
        let folder = try Folder()
        let error = try #require(throws: FacesError.self) {
            _ = try VerificationPairs(contentsOf: folder.path("none.txt"))
        }
        #expect(error.description.contains("none.txt: cannot be read"))
        try Data([0xFF, 0xFE, 0x00, 0xD8]).write(to: folder.url("binary.txt"))
        #expect(throws: FacesError.self) {
            _ = try VerificationPairs(contentsOf: folder.path("binary.txt"))
        }
    }

    @Test func limitsKeepBalance() throws {
        let rows = (0..<2).flatMap { fold in
            (1...50).map { "A\(fold) 1 \($0 + 1)" } + (1...50).map { "A\(fold) 1 B\(fold) \($0)" }
        }
        let list = try VerificationPairs(text: "2 50\n" + rows.joined(separator: "\n"), source: "x")
        let few = list.limited(to: 20)
        #expect(few.pairs.count == 20)
        for fold in 0..<2 {
            #expect(few.pairs.filter { $0.fold == fold && $0.isSame }.count == 5)
            #expect(few.pairs.filter { $0.fold == fold && !$0.isSame }.count == 5)
        }
        #expect(list.limited(to: 1000) == list)
    }

    // MARK: Choosing the face

    @Test func theLargeCentralFaceIsMeant() throws {
        func face(_ x: Double, _ y: Double, _ side: Double) throws -> DetectedFace {
            DetectedFace(
                box: Rect(x: x - side / 2, y: y - side / 2, width: side, height: side), score: 0.9,
                landmarks: try FiveLandmarks([Point](repeating: Point(x, y), count: 5)))
        }
        let faces = [try face(20, 20, 60), try face(100, 100, 55), try face(100, 110, 20)]
        #expect(faces.main(width: 200, height: 200) == faces[1])
        #expect([DetectedFace]().main(width: 10, height: 10) == nil)
    }

    // MARK: Scoring

    /// A recogniser that sees only the mean colour: embeddings whose cosines are known.
    private final class ColourRecogniser: FaceRecogniser {
        let name = "colour"
        let alignment = AlignmentTemplate.arcFace112
        let embeddingDimension = 3
        let device = Device.cpu
        var calls = 0

        func embed(_ faces: Tensor) throws(TorchError) -> Tensor {
            calls += faces.size(0)
            return try (faces.mean([2, 3]) + 1).l2Normalised(dim: 1)
        }
    }

    /// Finds a face that fills photos with even width.
    private struct EvenDetector: FaceDetector {
        func detect(_ image: Image) throws -> [DetectedFace] {
            guard image.width.isMultiple(of: 2) else { return [] }
            let scale = Double(image.width) / 112
            return [
                DetectedFace(
                    box: Rect(x: 0, y: 0, width: Double(image.width), height: Double(image.height)), score: 1,
                    landmarks: AlignmentTemplate.arcFace112.landmarks.applying(.scale(scale)))
            ]
        }
    }

    /// Paints photos blue.
    private final class BluePaint: ProbeTreatment {
        var names: [String] = []
        func apply(to photo: Image, face: DetectedFace?, name: String) throws -> Probe {
            names.append(name)
            guard face != nil else { return Probe(image: photo, isTreated: false) }
            return Probe(image: VerificationTests.flat(0, 0, 255, width: photo.width))
        }
    }

    static func flat(_ r: UInt8, _ g: UInt8, _ b: UInt8, width: Int = 112) -> Image {
        var image = Image(width: width, height: 112, channels: 3)
        for i in 0..<width * 112 {
            image.pixels[3 * i] = r
            image.pixels[3 * i + 1] = g
            image.pixels[3 * i + 2] = b
        }
        return image
    }

    /// Red Ada twice, green Bo once with a photo whose face is not found.
    private static func dataSet() throws -> (folder: Folder, pairs: VerificationPairs) {
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

    @Test func everyPhotoIsEmbeddedOnce() throws {
        let (folder, pairs) = try Self.dataSet()
        let recogniser = ColourRecogniser()
        let run = VerificationRun(
            embedder: FaceEmbedder(detector: EvenDetector(), recogniser: recogniser),
            folder: folder.url.path + "/", batchSize: 2)
        var steps: [Int] = []
        let outcome = try run.score(pairs) { done, total in
            #expect(total == 3)
            steps.append(done)
        }
        #expect(steps == [1, 2, 3])
        #expect(recogniser.calls == 3)
        #expect(outcome.photos == 3)
        #expect(outcome.withoutFace.map { $0.hasSuffix("Bo/Bo_0001.png") } == [true])
        #expect(outcome.untreated.isEmpty)
        for (score, expected) in zip(outcome.scores, [1, 0, 1, 0] as [Float]) {
            #expect(abs(score - expected) < 1e-5)
        }
        let report = try outcome.report()
        #expect(report.accuracy == 1 && report.auc == 1 && report.eer == 0 && report.pairs == 4)
        #expect(report.tar == ["1e-2": 1, "1e-3": 1])
        // Firsts Ada 1, Ada 2; seconds Ada 2, Bo 1, Ada 1: a photo is not compared with itself.
        let all = try outcome.allPairs()
        #expect(all.genuine.count == 2 && all.impostor.count == 2)
        #expect(all.genuine.allSatisfy { abs($0 - 1) < 1e-5 } && all.impostor.allSatisfy { abs($0) < 1e-5 })
    }

    @Test func secondPhotosAreTreated() throws {
        let (folder, pairs) = try Self.dataSet()
        let recogniser = ColourRecogniser()
        let paint = BluePaint()
        let outcome = try VerificationRun(
            embedder: FaceEmbedder(detector: EvenDetector(), recogniser: recogniser), folder: folder.url.path,
            treatment: paint
        ).score(pairs)
        // Ada 1 and 2 in both roles, Bo in one.
        #expect(recogniser.calls == 5)
        #expect(paint.names == ["Ada/Ada_0002", "Bo/Bo_0001", "Ada/Ada_0001"])
        #expect(outcome.untreated.count == 1)
        #expect(outcome.scores.allSatisfy { abs($0) < 1e-5 })
    }

    @Test func missingPhotosAreNamedBeforeWork() throws {
        let (folder, _) = try Self.dataSet()
        let recogniser = ColourRecogniser()
        let embedder = FaceEmbedder(detector: EvenDetector(), recogniser: recogniser)
        let pairs = try VerificationPairs(text: "1 1\nAda 1 2\nAda 1 Zoe 7\n", source: "pairs")
        let error = try #require(throws: FacesError.self) {
            _ = try VerificationRun(embedder: embedder, folder: folder.url.path).score(pairs)
        }
        #expect(error.description.contains("1 photos of the list are missing"))
        #expect(error.description.contains("Zoe/Zoe_0007.jpg"))
        #expect(recogniser.calls == 0)
        let noFolder = try #require(throws: FacesError.self) {
            _ = try VerificationRun(embedder: embedder, folder: folder.path("none")).score(pairs)
        }
        #expect(noFolder.description.contains("none: no such folder"))
        #expect(throws: FacesError.self) {
            _ = try VerificationRun(embedder: embedder, folder: folder.url.path).score(VerificationPairs([]))
        }
    }

    @Test func unreadablePhotosStopTheRun() throws {
        let (folder, pairs) = try Self.dataSet()
        try Data("not an image".utf8).write(to: folder.url("Ada/Ada_0002.png"))
        let error = try #require(throws: ImagingError.self) {
            _ = try VerificationRun(
                embedder: FaceEmbedder(detector: EvenDetector(), recogniser: ColourRecogniser()),
                folder: folder.url.path
            ).score(pairs)
        }
        #expect(error.description.contains("Ada_0002.png"))
    }

    // MARK: Calibration

    private static func calibration() throws -> VerificationCalibration {
        // Impostors 0 … 0.999 in steps of 0.001, genuine pairs above 0.85.
        let scores = try VerificationScores(
            genuine: (0..<100).map { 0.85 + Float($0) / 1000 }, impostor: (0..<1000).map { Float($0) / 1000 })
        return try VerificationCalibration(
            recogniser: "sface", probe: "clean", source: "numbers", scores: scores)
    }

    @Test func calibrationReportsWhatCanBeMeasured() throws {
        let calibration = try Self.calibration()
        // 1,000 impostor pairs: ten lie above the threshold of 1e-2, fewer beyond.
        #expect(calibration.points.map(\.far) == [0.1, 0.01])
        let strict = try calibration.point(far: 0.01)
        #expect(abs(strict.threshold - 0.99) < 1e-6)
        #expect(calibration.points[0].tar > 0.4 && calibration.points[0].tar < 0.6)
        let error = try #require(throws: FacesError.self) { _ = try calibration.point(far: 1e-3) }
        #expect(error.description.contains("only for 0.1, 0.01"))
        #expect(throws: MetricsError.self) {
            _ = try VerificationCalibration(
                recogniser: "sface", probe: "clean", source: "",
                scores: VerificationScores(genuine: [1], impostor: [0, 0.1]))
        }
        #expect(VerificationCalibration.name(recogniser: "dlib", probe: "clean") == "verification-dlib")
        #expect(
            VerificationCalibration.name(recogniser: "dlib", probe: "masked") == "verification-dlib-masked")
    }

    @Test func calibrationSurvivesItsFile() throws {
        let folder = try Folder()
        let calibration = try Self.calibration()
        try calibration.write(to: folder.path("c.json"))
        #expect(try VerificationCalibration(contentsOf: folder.path("c.json")) == calibration)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["c.json"])
    }

    @Test func badCalibrationsAreExplained() throws {
        let folder = try Folder()
        func message(_ name: String) throws -> String {
            try #require(throws: FacesError.self) {
                _ = try VerificationCalibration(contentsOf: folder.path(name))
            }.description
        }
        #expect(try message("none.json").contains("none.json: there is no calibration; make one with"))
        try Data("{\"a\": 1}".utf8).write(to: folder.url("other.json"))
        #expect(try message("other.json").contains("other.json: is not a calibration"))
        var old = try Self.calibration()
        old.format = "semblance-verification-0"
        try old.write(to: folder.path("old.json"))
        #expect(try message("old.json").contains("expected 'semblance-verification-1'"))
        var empty = try Self.calibration()
        empty.points = []
        try empty.write(to: folder.path("empty.json"))
        #expect(try message("empty.json").contains("0 points"))
        #expect(throws: FacesError.self) { try old.write(to: folder.path("no/such/folder.json")) }
    }

    @Test func comparisonsDecideAtTheThreshold() throws {
        let calibration = try Self.calibration()
        let same = try FaceComparison([1, 0], [0.999, 0.0447], calibration: calibration, far: 0.01)
        #expect(same.same && abs(same.similarity - 0.999) < 1e-6 && same.far == 0.01)
        let different = try FaceComparison([1, 0], [0.6, 0.8], calibration: calibration, far: 0.01)
        #expect(!different.same)
        #expect(throws: FacesError.self) {
            _ = try FaceComparison([1, 0], [1], calibration: calibration, far: 0.01)
        }
        #expect(throws: FacesError.self) {
            _ = try FaceComparison([1, 0], [1, 0], calibration: calibration, far: 0.5)
        }
    }

    @Test func edgeFaceSaysHowToGetItsWeights() throws {
        let folder = try Folder()
        let locator = ResourceLocator(
            environment: ["SEMBLANCE_CACHE": folder.url.path], executable: "", workingDirectory: "/")
        let error = try #require(throws: ResourceError.self) {
            _ = try RecogniserModel.edgeface.load(from: locator, environment: [:])
        }
        #expect(error.message.contains("Tools/convert/edgeface.py"))
        #expect(error.message.contains("SEMBLANCE_EDGEFACE"))
        #expect(throws: ResourceError.self) { _ = try RecogniserModel.sface.load(from: locator) }
        try Data("x".utf8).write(to: folder.url("e.safetensors"))
        #expect(throws: TorchError.self) {
            _ = try RecogniserModel.edgeface.load(
                from: locator, environment: ["SEMBLANCE_EDGEFACE": folder.path("e.safetensors")])
        }
    }
}

/// A temporary folder that is removed with the value's last use.
final class Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("semblance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func url(_ name: String) -> URL { url.appendingPathComponent(name) }
    func path(_ name: String) -> String { url(name).path }
}
