import Foundation
import Resources

/// The Python that reads PyTorch's own files, in a process of its own: `Tools/convert/checkpoint.py` in the environment that
/// `Scripts/setup` makes. It builds tensors and plain values only; a checkpoint that asks for anything else is refused there.
public struct CheckpointPython: Sendable, Equatable {
    /// A Python that has torch and safetensors.
    public var python: String
    public var script: String

    public init(python: String, script: String) {
        self.python = python
        self.script = script
    }

    /// The set-up's environment.
    /// - Parameter python: another Python to use.
    public init(python: String? = nil, locator: ResourceLocator = .standard) {
        self.init(
            python: python ?? "\(locator.cache)/venv/bin/python",
            script: "\(locator.root ?? ".")/Tools/convert/checkpoint.py")
    }

    /// Converts one checkpoint.
    /// - Throws: `ImportError.noPython` when there is nothing to run, `ImportError.unreadable` with the reader's reason.
    public func convert(_ path: String, to output: String) throws {
        let files = FileManager.default
        guard files.isExecutableFile(atPath: python) else {
            throw ImportError.noPython(path: path, python: "no \(python)")
        }
        guard files.fileExists(atPath: script) else {
            throw ImportError.noPython(path: path, python: "no \(script)")
        }
        let errors = output + ".errors"
        _ = files.createFile(atPath: errors, contents: nil)
        defer { try? files.removeItem(atPath: errors) }
        guard let sink = FileHandle(forWritingAtPath: errors) else {
            throw ImportError.unreadable(
                path: path, reason: "no temporary file can be written beside \(output)")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        // -B leaves no byte code in the checkout.
        process.arguments = ["-B", "-W", "ignore", script, path, output]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = sink
        do { try process.run() } catch {
            throw ImportError.noPython(path: path, python: "\(python) cannot be run: \(error)")
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let text = String(decoding: files.contents(atPath: errors) ?? Data(), as: UTF8.self)
            let line = text.split(separator: "\n").last.map(String.init) ?? ""
            throw ImportError.unreadable(
                path: path, reason: Self.reason(line, of: path, status: process.terminationStatus))
        }
    }

    /// The script's message without its own name and the path.
    private static func reason(_ line: String, of path: String, status: Int32) -> String {
        guard !line.isEmpty else { return "the reader of PyTorch files ended with status \(status)" }
        var text = Substring(line)
        for prefix in ["checkpoint.py: ", path + " ", path + ": "] where text.hasPrefix(prefix) {
            text = text.dropFirst(prefix.count)
        }
        return String(text)
    }
}
