import Foundation
import Resources
import Testing
import Unmasking

/// Checkpoints in the published layouts, made once per run by Tools/reference/inversion_checkpoints.py in the set-up's Python.
enum PublishedCheckpoints {
    static let python = CheckpointPython()
    static let isReady = FileManager.default.isExecutableFile(atPath: python.python)

    /// nil when the script failed.
    private static let folder: String? = {
        let folder = NSTemporaryDirectory() + "/checkpoints-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: python.python)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let script = root.appending(path: "Tools/reference/inversion_checkpoints.py").path
        process.arguments = ["-B", script, folder]
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? folder : nil
    }()

    static func path(_ name: String) throws -> String { try #require(folder) + "/" + name }

    static func read(_ name: String) throws -> CheckpointFile { try CheckpointFile.read(path(name)) }
}
