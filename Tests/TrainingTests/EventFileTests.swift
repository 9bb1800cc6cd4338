import Foundation
import Imaging
import Testing
import Training

/// Against the file that Tools/reference/events.py writes with the tensorboard package.
@Suite struct EventFileTests {
    private struct Values: Decodable { var histogram: [Float] }

    /// 1,700,000,000.25 and a second more with each event, as the generator has it.
    private static func clock() -> () -> Double {
        var time = 1_699_999_999.25
        return {
            time += 1
            return time
        }
    }

    @Test func equalsTheReferenceByteForByte() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/events.out.tfevents.test"
        let values = try JSONDecoder().decode(Values.self, from: Data(Fixtures.bytes("events.json")))
            .histogram
        let writer = try EventFileWriter(path: path, resumingAt: 7, clock: Self.clock())
        for (step, value) in [(7, 0.5), (300, 0), (70_000, -1.25e-3)] {
            try writer.scalar("train/loss", value, step: step)
        }
        try writer.image(
            "samples", png: Fixtures.bytes("events.png"), width: 5, height: 4, channels: 3, step: 8)
        try writer.histogram("weights", values, step: 9)
        try writer.histogram("zeros", [Float](repeating: 0, count: 5), step: 9)
        try writer.text("notes", "rate **0.1**, größer", step: 10)
        let written = try [UInt8](Data(contentsOf: URL(filePath: path)))
        let expected = try Fixtures.bytes("events.out.tfevents.reference")
        #expect(written.count == expected.count)
        let place = zip(written, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        #expect(place == nil, "first difference at byte \(place ?? 0)")
    }

    @Test func namesItsFileForTensorBoard() throws {
        let folder = try TemporaryFolder()
        let writers = try (0..<2).map { _ in try EventFileWriter(folder: folder.path + "/events") }
        #expect(writers[0].path != writers[1].path)
        #expect(writers[0].path.contains("/events/events.out.tfevents."))
        try writers[0].image("grid", Image(width: 3, height: 2, channels: 1, fill: 9), step: 1)
        try writers[0].histogram("empty", [.nan, .infinity], step: 1)
        #expect(try FileManager.default.attributesOfItem(atPath: writers[0].path)[.size] as? Int ?? 0 > 100)
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let folder = try TemporaryFolder()
        let blocker = folder.path + "/file"
        try Data().write(to: URL(filePath: blocker))
        #expect(message { _ = try EventFileWriter(folder: blocker + "/events") }.hasPrefix(blocker))
    }
}
