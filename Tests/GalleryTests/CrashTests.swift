import Foundation
import Gallery
import Testing

/// The experiment of Experiments/gallery-crashes, a few kills long.
@Suite struct CrashTests {
    @Test func whatWasAcknowledgedSurvivesKills() throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let probe = URL(filePath: own).deletingLastPathComponent().appending(path: "GalleryProbe").path
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Experiments/gallery-crashes/run")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", script.path, "--kills", "10", "--seed", "7", "--longest", "0.5", "--probe", probe,
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains("10 kills") && text.contains("nothing lost, nothing back"), "\(text)")
    }
}
