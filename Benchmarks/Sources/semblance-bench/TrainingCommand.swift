import CommandLineKit
import Faces
import Foundation
import Torch
import Training

/// `semblance-bench training`: the throughput of a training run with everything that belongs to it.
struct TrainingCommand: Command {
    static let name = "training"
    static let abstract =
        "Train for some steps in the training loop, masks being made in the background, and report images per second and memory."

    @Option(help: "float32 or bfloat16.") var precision: String = "float32"
    @Option(help: "Steps of 16 images; the first fifth is not counted.", in: .atLeast(10)) var steps: Int = 50
    @Option(help: "Threads to compute with.", in: .atLeast(1)) var threads: Int = 2
    @Option(help: "Aligned faces, made by 'semblance prepare'; by default the example's.", value: "FILE")
    var data: FilePath?

    private struct Answer: Encodable {
        /// Of each group of five steps.
        var imagesPerSecond: [Double]
        /// Bytes.
        var peakMemory: Int
        var losses: [String: Double]
    }

    func run(_ invocation: Invocation) throws {
        Runtime.threads = threads
        Runtime.keepFreedMemory()
        let setup = try UnmaskerTrainingSetup(
            precision: precision, steps: steps, faces: data.map { try AlignedFaces(contentsOf: $0.string) },
            hasRandomViews: true)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let loop = try TrainingLoop(
            setup.task, loader: setup.data.batches(), folder: folder,
            options: setup.configuration.loopOptions(), configuration: setup.configuration.json())
        try loop.run()
        let lines = try MetricsLog.read("\(folder)/log.jsonl").filter { $0.kind == .train }
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        let answer = Answer(
            imagesPerSecond: lines.filter { $0.step > steps / 5 + 4 }.compactMap(\.samplesPerSecond),
            peakMemory: usage.ru_maxrss * 1024, losses: lines.last?.values ?? [:])
        print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    }
}
