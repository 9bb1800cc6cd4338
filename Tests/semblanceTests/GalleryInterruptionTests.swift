import Foundation
import Gallery
import Imaging
import Testing

/// Indexing that is stopped half way.
@Suite(.serialized) struct GalleryInterruptionTests {
    private static let count = 480

    /// A folder of many different images, large enough that indexing takes a while.
    private func many(_ world: GalleryWorld) throws -> String {
        let folder = "\(world.folder)/many"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in 0..<Self.count {
            var image = Image(width: 240, height: 480, channels: 3, fill: UInt8(number % 251))
            image.fill(
                Rect(x: Double(number % 200), y: Double(number / 2), width: 40, height: 40),
                colour: Colour.series[number % 7])
            try image.writeJPEG("\(folder)/\(String(format: "%04d", number)).jpg", quality: 90)
        }
        return folder
    }

    /// Starts indexing, and sends a signal once something is stored.
    private func interrupt(_ world: GalleryWorld, _ folder: String, _ signal: Int32) throws -> (
        status: Int32, wasKilled: Bool, errors: String
    ) {
        let process = Process()
        process.executableURL = SemblanceProcess.binary
        process.arguments = [
            "reid", "index", folder, "--gallery", world.gallery, "--model", world.model, "--threads", "1",
        ]
        let log = "\(world.folder)/log"
        try Data().write(to: URL(filePath: log))
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while process.isRunning {
            let images = try? GalleryLocation.open(world.gallery).statistics().images
            if images ?? 0 > 0 { break }
            usleep(2000)
        }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return (
            process.terminationStatus, process.terminationReason == .uncaughtSignal,
            try String(contentsOfFile: log, encoding: .utf8)
        )
    }

    @Test func aKilledRunGoesOn() throws {
        let world = try GalleryWorld()
        let folder = try many(world)
        let first = try interrupt(world, folder, SIGKILL)
        #expect(first.wasKilled)
        let kept = try world.records().count
        #expect(kept > 0 && kept < Self.count)
        #expect(try world.report(["check"])["isSound"].flag == true)
        let rest = try world.index(folder)
        #expect(rest["added"].number == Double(Self.count - kept))
        #expect(rest["duplicates"].number == Double(kept))
        #expect(try world.records().map(\.entry.path).sorted().count == Self.count)
    }

    @Test func aStoppedRunFinishesItsBatch() throws {
        let world = try GalleryWorld()
        let folder = try many(world)
        let first = try interrupt(world, folder, SIGINT)
        #expect(first.status == 130 && !first.wasKilled)
        #expect(first.errors.contains("goes on from there"), "\(first.errors)")
        let kept = try world.records().count
        #expect(kept > 0 && kept < Self.count && kept % 32 == 0)
        #expect(try world.index(folder)["added"].number == Double(Self.count - kept))
    }
}
