import Foundation
import Imaging
import Resources
import Testing

private let locator = ResourceLocator.standard
private let isReady =
    (try? locator.weights("yunet")) != nil && (try? locator.photo("astronaut.png")) != nil
    && (try? locator.model("unmasker-128")) != nil

/// `mask` and `unmask` as a user meets them: good input, and every kind of bad one.
@Suite(.enabled(if: isReady, "needs YuNet, the example photo and Models/unmasker-128"))
struct UnmaskCommandTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/unmask-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func fails(_ arguments: [String], saying parts: String...) throws {
        let run = try SemblanceProcess(arguments)
        #expect(run.status == 1, "\(arguments): status \(run.status)")
        for part in parts { #expect(run.errors.contains(part), "\(arguments): \(run.errors)") }
        let leftovers =
            (try? FileManager.default.contentsOfDirectory(atPath: folder))?.filter { $0.hasSuffix(".tmp") }
            ?? []
        #expect(leftovers.isEmpty)
    }

    @Test func maskThenUnmaskTheExamplePhoto() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let masked = "\(folder)/masked.png"
        let first = try SemblanceProcess([
            "mask", "example:astronaut", "-o", masked, "--kind", "surgical", "--seed", "3",
        ])
        #expect(first.status == 0, "\(first.errors)")
        let again = "\(folder)/again.png"
        _ = try SemblanceProcess([
            "mask", "example:astronaut", "-o", again, "--kind", "surgical", "--seed", "3",
        ])
        #expect(FileManager.default.contents(atPath: masked) == FileManager.default.contents(atPath: again))

        let run = try SemblanceProcess([
            "unmask", masked, "-o", "\(folder)/out", "--compare", "--faces", "--json", "--quiet",
            "--sheet", "\(folder)/sheet.png",
        ])
        #expect(run.status == 0, "\(run.errors)")
        struct Entry: Decodable {
            struct Face: Decodable {
                var box: [Double]
                var score: Double
                var masked: Bool
                var maskShare: Double
                var milliseconds: Double
            }
            var file: String
            var faces: [Face]
        }
        let report = try JSONDecoder().decode([Entry].self, from: Data(run.output.utf8))
        let face = try #require(report.first?.faces.first)
        #expect(report.count == 1 && report[0].faces.count == 1)
        #expect(face.masked && face.maskShare > 0.1 && face.maskShare < 0.7)
        #expect(face.box.count == 4 && face.score > 0.7 && face.milliseconds > 0)
        let result = try Image.read("\(folder)/out/masked.png")
        #expect(result.width == 512 && result.height == 512)
        let panel = try Image.read("\(folder)/out/masked-compare.png")
        #expect(panel.width > 1024)
        #expect(FileManager.default.fileExists(atPath: "\(folder)/out/masked-face1.png"))
        let sheet = try Image.read("\(folder)/sheet.png")
        #expect(sheet.width > 2 * 128 && sheet.height > 128)
    }

    @Test func badFilesAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let photo = try Image.read(locator.photo("astronaut.png")).rgb()
        let jpeg = try photo.encodeJPEG()
        try fails(
            ["unmask", try file("text.jpg", Array("hello".utf8)), "-o", "\(folder)/o"], saying: "text.jpg",
            "not a JPEG, PNG or WebP")
        try fails(["unmask", try file("empty.png", []), "-o", "\(folder)/o"], saying: "empty.png", "empty")
        try fails(
            ["unmask", try file("cut.jpg", Array(jpeg.prefix(jpeg.count / 2))), "-o", "\(folder)/o"],
            saying: "cut.jpg", "truncated")
        let one = "\(folder)/one.png"
        try Image(width: 1, height: 1, channels: 3, fill: 200).writePNG(one)
        try fails(["unmask", one, "-o", "\(folder)/o"], saying: "one.png", "no face found")
        let grey = "\(folder)/grey.png"
        try Image(width: 200, height: 100, channels: 1, fill: 90).writePNG(grey)
        try fails(["unmask", grey, "-o", "\(folder)/o"], saying: "grey.png", "no face found")
        try fails(
            ["unmask", "\(folder)/absent.jpg", "-o", "\(folder)/o"], saying: "absent.jpg", "no such file")
        let none = "\(folder)/nothing"
        try FileManager.default.createDirectory(atPath: none, withIntermediateDirectories: true)
        try fails(["unmask", none, "-o", "\(folder)/o"], saying: "no images")
        try fails(["mask", grey, "-o", "\(folder)/m.png"], saying: "grey.png", "no face found")
        try fails(["mask", "example:astronaut", "-o", "\(folder)/m.gif"], saying: "m.gif", ".png or .jpg")
    }

    @Test func oneBadPhotoDoesNotStopTheOthers() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try file("bad.jpg", Array("no".utf8))
        try Image.read(locator.photo("astronaut.png")).writePNG("\(folder)/good.png")
        let run = try SemblanceProcess(["unmask", folder, "-o", "\(folder)/out"])
        #expect(run.status == 1)
        #expect(run.errors.contains("bad.jpg"))
        #expect(FileManager.default.fileExists(atPath: "\(folder)/out/good.png"))
    }

    @Test func anOutputFolderThatCannotBeMadeIsNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // A file where the output folder should be: it can neither be made nor written into.
        let blocker = try file("blocked", [1])
        try fails(["unmask", "example:astronaut", "-o", blocker], saying: "blocked")
    }

    @Test func modelsThatDoNotFitAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fails(
            [
                "unmask", "example:astronaut", "-o", "\(folder)/o", "--model",
                try file("junk.safetensors", [1, 2, 3]),
            ],
            saying: "junk.safetensors")
        try fails(
            ["unmask", "example:astronaut", "-o", "\(folder)/o", "--model", try locator.weights("yunet")],
            saying: "not an unmasking model")
        try fails(
            ["unmask", "example:astronaut", "-o", "\(folder)/o", "--device", "cuda:7"], saying: "cuda:7")
    }

    @Test func unknownOptionsAreUsageErrors() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try SemblanceProcess(["unmask", "example:astronaut", "-o", "\(folder)/o", "--comparee"])
        #expect(run.status == 64)
        #expect(run.errors.contains("--compare"))
    }
}
