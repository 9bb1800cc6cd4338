import Faces
import Foundation
import Imaging
import Metrics
import NN
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

    @Test func irSE50IsLoadedFromImportedWeightsOnly() throws {
        let folder = try Folder()
        let locator = ResourceLocator(
            environment: ["SEMBLANCE_CACHE": folder.url.path], executable: "", workingDirectory: "/")
        let error = try #require(throws: ResourceError.self) {
            _ = try RecogniserModel.irSE50.load(from: locator, environment: [:])
        }
        for part in ["semblance import model_ir_se50.pth --as ir-se50", "SEMBLANCE_IR_SE50"] {
            #expect(error.message.contains(part), "\(error.message)")
        }
        let network = try IRSE50(in: Context(seed: 3)).evaluate()
        let path = folder.path("ir.safetensors")
        try network.save(to: path)
        let bare = try #require(throws: FacesError.self) {
            _ = try RecogniserModel.irSE50.load(weights: path, from: locator)
        }
        #expect("\(bare)".contains("format absent"))
        try network.save(to: path, metadata: ["format": IRSE50.format])
        let loaded = try RecogniserModel.irSE50.load(
            from: locator, environment: ["SEMBLANCE_IR_SE50": path])
        #expect(loaded.name == "ir-se50" && loaded.alignment == .arcFace112)
        let face = try Tensor.rand([1, 3, 112, 112], generator: Generator(seed: 1)) * 2 - 1
        let difference = try (loaded.embed(face) - network.embed(face)).abs().amax().item()
        let length = try loaded.embed(face).square().sum().item()
        #expect(difference == 0 && abs(length - 1) < 1e-5)
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
