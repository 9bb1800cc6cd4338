import CommandLineKit
import Foundation
import Torch
import Training

/// A process that the tests can kill, interrupt and measure:
///
///     TrainingProbe train FOLDER STEPS SECONDS-PER-SAMPLE [LARGEST-FILE-IN-BYTES]
///     TrainingProbe leaks STEPS
@main
struct Probe {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    static func run(_ arguments: [String]) throws {
        switch arguments.first {
        case "train" where arguments.count >= 4:
            guard let steps = Int(arguments[2]), let delay = Double(arguments[3]) else { fallthrough }
            if arguments.count > 4, let bytes = UInt(arguments[4]) { limitFiles(to: bytes) }
            try train(arguments[1], steps: steps, delay: delay)
        case "leaks" where arguments.count == 2:
            guard let steps = Int(arguments[1]) else { fallthrough }
            try leaks(steps: steps)
        default:
            FileHandle.standardError.write(
                Data("usage: TrainingProbe train FOLDER STEPS SECONDS | leaks STEPS\n".utf8))
            exit(64)
        }
    }

    /// Makes writing fail beyond a size, as a full disk does.
    private static func limitFiles(to bytes: UInt) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    private static func train(_ folder: String, steps: Int, delay: Double) throws {
        Cancellation.installSignalHandlers()
        var options = LoopOptions(steps: steps)
        options.logEvery = 1
        options.checkpointEvery = 3
        options.validateEvery = 5
        let loop = try TrainingLoop(
            ShapesTask(seed: 11, steps: 20), loader: ShapesTask.loader(seed: 5, delay: delay), folder: folder,
            options: options, progress: ProgressReporter("train", total: steps, interval: 0),
            isCancelled: { Cancellation.process.isCancelled })
        print(try loop.run().reason.rawValue)
    }

    /// Prints the number of live tensor handles after a tenth of the steps and at the end.
    private static func leaks(steps: Int) throws {
        let task = try ShapesTask(seed: 11, steps: steps)
        let folder = NSTemporaryDirectory() + "/probe-leaks-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for end in [steps / 10, steps] {
            var options = LoopOptions(steps: end)
            options.logEvery = 50
            options.checkpointEvery = 100
            options.validateEvery = 100
            options.sampleEvery = 100
            options.histogramEvery = 100
            try TrainingLoop(task, loader: ShapesTask.loader(seed: 5), folder: folder, options: options).run()
            print(Tensor.liveHandleCount)
        }
    }
}
