import Foundation
import Torch

/// Small result files, written completely or not at all.
public enum FileOutput {
    /// - Throws: `TrainingError.file` naming the path; an older file is then untouched.
    public static func write(_ bytes: [UInt8], to path: String) throws(TrainingError) {
        var next: [UInt8]? = bytes
        do throws(TorchError) {
            try AtomicFile.write(to: path) { () throws(TorchError) in
                defer { next = nil }
                return next
            }
        } catch .file(let path, let reason) {
            throw .file(path: path, reason: reason)
        } catch {
            throw .file(path: path, reason: "\(error)")
        }
    }

    /// Writes a report as JSON, indented, with sorted keys.
    /// - Throws: `TrainingError.file`, also for values that JSON cannot write (NaN).
    public static func writeJSON(_ value: some Encodable, to path: String) throws(TrainingError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do { data = try encoder.encode(value) } catch {
            throw .file(path: path, reason: "the report cannot be written as JSON: \(error)")
        }
        try write(Array(data) + [UInt8(ascii: "\n")], to: path)
    }
}
