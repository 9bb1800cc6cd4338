import Foundation
import Torch

/// The checkpoints of one run in a folder: the newest few and the best.
public final class CheckpointStore {
    public let folder: String
    /// How many of the newest checkpoints stay.
    public let keep: Int

    /// Makes the folder, and removes the unfinished files of a process that was killed.
    /// - Throws: `TrainingError.file` when the folder cannot be made, `.invalidArgument` for `keep` below 1.
    public init(folder: String, keep: Int = 3) throws(TrainingError) {
        guard keep >= 1 else { throw .invalidArgument("checkpoints to keep: \(keep), expected at least 1") }
        self.folder = folder
        self.keep = keep
        try makeFolder(folder)
        for name in names() where name.hasSuffix(".tmp") { unlink("\(folder)/\(name)") }
    }

    public var bestPath: String { "\(folder)/best.safetensors" }

    /// Checkpoints by step, oldest first.
    public var all: [(step: Int, path: String)] {
        names().compactMap { name in
            guard name.hasPrefix("step-"), name.hasSuffix(".safetensors"),
                let step = Int(name.dropFirst(5).dropLast(12))
            else { return nil }
            return (step, "\(folder)/\(name)")
        }.sorted { $0.step < $1.step }
    }

    /// Writes a checkpoint, and then removes those that are too old.
    /// - Parameter isBest: makes it also `best.safetensors`.
    /// - Returns: its path.
    @discardableResult
    public func save(_ checkpoint: Checkpoint, isBest: Bool = false) throws -> String {
        let digits = String(checkpoint.state.step)
        let name = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        let path = "\(folder)/step-\(name).safetensors"
        try checkpoint.write(to: path)
        if isBest { try publish(path, as: bestPath) }
        for old in all.dropLast(keep) { unlink(old.path) }
        syncFolder()
        return path
    }

    /// The newest checkpoint that can be read; `damaged` lists newer ones that cannot.
    public func latest() -> (checkpoint: Checkpoint, path: String, damaged: [String])? {
        var damaged: [String] = []
        for (_, path) in all.reversed() {
            do { return (try Checkpoint.read(path), path, damaged) } catch { damaged.append("\(error)") }
        }
        return nil
    }

    /// A second name for the same bytes, which survives the removal of the first; a copy where the file system has no links.
    private func publish(_ path: String, as target: String) throws(TrainingError) {
        let temporary = "\(target).\(getpid()).tmp"
        unlink(temporary)
        if link(path, temporary) != 0 {
            do { try FileManager.default.copyItem(atPath: path, toPath: temporary) } catch {
                throw .file(path: target, reason: "cannot be written: \(error.localizedDescription)")
            }
        }
        guard rename(temporary, target) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw .file(path: target, reason: "cannot be written: \(reason)")
        }
    }

    /// Makes the renames durable; not all file systems support it, and nothing depends on it but a power cut.
    private func syncFolder() {
        let descriptor = open(folder, O_RDONLY)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func names() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
    }
}

func makeFolder(_ path: String) throws(TrainingError) {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw .file(path: path, reason: "the folder cannot be made: \(error.localizedDescription)")
    }
}
