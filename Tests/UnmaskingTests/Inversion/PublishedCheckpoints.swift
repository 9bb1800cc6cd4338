import Foundation
import Resources
import Testing
import Unmasking

/// Checkpoints in the published layouts, made once per run by scripts of Tools/reference in the set-up's Python.
enum PublishedCheckpoints {
    static let python = CheckpointPython()
    static let isReady = FileManager.default.isExecutableFile(atPath: python.python)

    /// nil when the script failed.
    private static let folder = make("inversion_checkpoints.py")
    /// Those of 1024 pixels.
    private static let largeFolder = make("large_checkpoints.py")

    private static func make(_ name: String) -> String? {
        let folder = NSTemporaryDirectory() + "/checkpoints-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: python.python)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let script = root.appending(path: "Tools/reference/\(name)").path
        process.arguments = ["-B", script, folder]
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? folder : nil
    }

    static func path(_ name: String) throws -> String { try #require(folder) + "/" + name }

    static func largePath(_ name: String) throws -> String { try #require(largeFolder) + "/" + name }

    static func read(_ name: String) throws -> CheckpointFile { try CheckpointFile.read(path(name)) }
}
