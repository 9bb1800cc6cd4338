import Foundation
import Testing
import Training

/// Runs of a process of their own, which can be killed. Their program is built beside the tests.
@Suite(.serialized) struct ProcessTests {
    private static func probe(
        _ arguments: [String], errors: Pipe? = nil
    ) throws -> (process: Process, output: Pipe) {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(filePath: own).deletingLastPathComponent().appending(
            path: "TrainingProbe")
        process.arguments = arguments
        // Several processes with a thread per core each would mostly wait for each other.
        process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = errors ?? FileHandle.nullDevice
        try process.run()
        return (process, output)
    }

    private static func finish(_ arguments: [String]) throws -> String {
        let (process, output) = try probe(arguments)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text
    }

    /// Waits until the run has logged a step.
    private static func wait(for step: Int, in folder: String) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while Date() < deadline {
            if let lines = try? MetricsLog.read("\(folder)/log.jsonl"),
                lines.contains(where: { $0.step >= step })
            {
                return
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
        Issue.record("step \(step) was not reached within a minute")
    }

    @Test func killedRunsResumeToTheSameLossCurve() throws {
        let (whole, killed) = (try TemporaryFolder(), try TemporaryFolder())
        #expect(try Self.finish(["train", whole.path, "20", "0"]) == "finished\n")
        for step in [4, 11, 17] {
            let (process, _) = try Self.probe(["train", killed.path, "20", "0.01"])
            try Self.wait(for: step, in: killed.path)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal)
        }
        let reached = try #require(try MetricsLog.read("\(killed.path)/log.jsonl").map(\.step).max())
        #expect((17..<20).contains(reached), "killed at step \(reached) of 20")
        #expect(try Self.finish(["train", killed.path, "20", "0"]) == "finished\n")
        let curve = try MetricsLog.losses(killed.path)
        #expect(curve.filter { $0.kind == .train }.map(\.step) == Array(1...20))
        #expect(try curve == MetricsLog.losses(whole.path))
        let weights = try [whole, killed].map {
            try Checkpoint.read("\($0.path)/checkpoints/step-00000020.safetensors").tensors.mapValues {
                try $0.bytes()
            }
        }
        #expect(weights[0] == weights[1])
    }

    @Test func interruptEndsWithACheckpoint() throws {
        let folder = try TemporaryFolder()
        let (process, output) = try Self.probe(["train", folder.path, "500", "0.01"])
        try Self.wait(for: 4, in: folder.path)
        process.interrupt()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text == "interrupted\n" && process.terminationStatus == 0)
        let last = try #require(try MetricsLog.read("\(folder.path)/log.jsonl").last)
        #expect(last.kind == .end && last.note == "interrupted")
        let store = try CheckpointStore(folder: "\(folder.path)/checkpoints")
        #expect(store.latest()?.checkpoint.state.step == last.step)
    }

    @Test func aCheckpointThatDoesNotFitOnTheDiskLeavesTheOlderOnes() throws {
        let folder = try TemporaryFolder()
        #expect(try Self.finish(["train", folder.path, "4", "0"]) == "finished\n")
        let checkpoints = "\(folder.path)/checkpoints"
        let before = try FileManager.default.contentsOfDirectory(atPath: checkpoints).sorted()
        let errors = Pipe()
        let (process, _) = try Self.probe(["train", folder.path, "8", "0", "16384"], errors: errors)
        try errors.fileHandleForWriting.close()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(
            text.contains("\(checkpoints)/step-00000006.safetensors: cannot write: File too large"), "\(text)"
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: checkpoints).sorted() == before)
        #expect(try Self.finish(["train", folder.path, "8", "0"]) == "finished\n")
    }

    @Test func progressThatNobodyReadsDoesNotEndTheRun() throws {
        let folder = try TemporaryFolder()
        let errors = Pipe()
        let (process, output) = try Self.probe(["train", folder.path, "6", "0"], errors: errors)
        try errors.fileHandleForReading.close()
        try errors.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text == "finished\n" && process.terminationStatus == 0)
    }

    /// In a process of its own, because tests that run beside this one hold tensors too.
    @Test func aThousandStepsLeakNoTensors() throws {
        let counts = try Self.finish(["leaks", "1000"]).split(separator: "\n").compactMap { Int($0) }
        #expect(counts.count == 2)
        #expect(counts.first == counts.last, "live handles after 100 and after 1,000 steps: \(counts)")
        #expect((1..<200).contains(counts.first ?? 0))
    }
}
