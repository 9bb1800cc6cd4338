import Foundation

/// Runs the built command as a user would.
struct SemblanceProcess {
    let status: Int32
    /// Whether a signal ended it; `status` is then the signal's number.
    let wasKilled: Bool
    let output: String
    let errors: String

    /// The command lies beside the test bundle, in the build folder.
    static var binary: URL {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("semblance")
    }

    /// - Parameters:
    ///   - launcher: a program, found in PATH, and its arguments that start the command, such as `setpriv`.
    ///   - omitsProgram: the launcher is a script that starts the command itself.
    init(
        _ arguments: [String], environment: [String: String] = [:], launcher: [String] = [],
        omitsProgram: Bool = false
    ) throws {
        let process = Process()
        process.executableURL = launcher.isEmpty ? Self.binary : URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            launcher.isEmpty ? arguments : launcher + (omitsProgram ? [] : [Self.binary.path]) + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        // Files rather than pipes: a full pipe would block the command while nobody reads.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try ["output", "errors"].map { name in
            let url = folder.appendingPathComponent(name)
            try Data().write(to: url)
            return url
        }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        wasKilled = process.terminationReason == .uncaughtSignal
        output = String(decoding: try Data(contentsOf: files[0]), as: UTF8.self)
        errors = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    }
}
