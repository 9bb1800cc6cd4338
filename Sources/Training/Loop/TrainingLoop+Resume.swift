import Foundation
import Torch

extension TrainingLoop {
    /// Takes up the newest checkpoint, if there is one, and opens the logs.
    func start() throws {
        let found = resume == .fresh ? nil : store.latest()
        if resume == .fresh, let newest = store.all.last {
            throw TrainingError.checkpoint(
                path: newest.path, reason: "the folder holds a run already; resume it or name another folder")
        }
        if let found {
            for damaged in found.damaged {
                progress?.line("a newer checkpoint cannot be read, an older one is taken: \(damaged)")
            }
            try take(found.checkpoint, from: found.path)
        } else if let newest = store.all.last {
            throw TrainingError.checkpoint(
                path: newest.path,
                reason: "no checkpoint in this folder can be read; remove them to start anew")
        } else if resume == .required {
            throw TrainingError.checkpoint(
                path: store.folder, reason: "there is no checkpoint to resume from")
        }
        try FileOutput.write(Array(configuration.utf8), to: "\(folder)/config.json")
        let log = try MetricsLog(path: "\(folder)/log.jsonl", keepingThrough: state.step)
        self.log = log
        events = try EventFileWriter(
            folder: "\(folder)/events", resumingAt: found == nil ? nil : state.step + 1)
        startClock(after: state.seconds)
        try log.add(line(.start, note: found.map { "resumed from \($0.path)" }))
    }

    private func take(_ checkpoint: Checkpoint, from path: String) throws {
        var own: [String: Tensor] = [:]
        var extra: [String: Tensor] = [:]
        for (key, tensor) in checkpoint.tensors {
            if key.hasPrefix("extra/") { extra[String(key.dropFirst(6))] = tensor } else { own[key] = tensor }
        }
        try components.load(own, source: path)
        try task.restore(extra: extra)
        if let position = checkpoint.state.loader {
            do { try loader.restore(position) } catch {
                throw TrainingError.checkpoint(path: path, reason: "\(error)")
            }
        }
        if checkpoint.state.configuration != configuration {
            progress?.line("resuming with a configuration that differs from the one in \(path)")
        }
        state = checkpoint.state
        state.configuration = configuration
        lastCheckpoint = path
        progress?.line("resumed from \(path) at step \(state.step)")
    }

    /// Writes a checkpoint of the present state.
    func save(isBest: Bool) throws {
        state.loader = loader.position
        state.seconds = totalSeconds
        var tensors = try components.tensors()
        for (key, tensor) in try task.extraState() { tensors["extra/\(key)"] = tensor }
        log?.flush()
        lastCheckpoint = try store.save(Checkpoint(state: state, tensors: tensors), isBest: isBest)
        try task.publish(to: folder, step: state.step)
    }
}
