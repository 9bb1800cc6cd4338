import CommandLineKit
import Configuration
import Faces
import Torch
import Training
import Unmasking

/// `semblance train landmarks`.
struct TrainLandmarksCommand: Command {
    static let name = "landmarks"
    static let abstract = "Train the network that finds the landmarks of masked faces."
    static let discussion = """
        Faces are moved off their place and given masks; the network learns where a detector found their landmarks before. The output \
        folder gets config.json, log.jsonl, losses.png, validation.png, events/, checkpoints/ and landmarks.safetensors. A run that was \
        stopped, or killed, goes on from its newest checkpoint when it is started again with the same folder, and gives the same losses as \
        one that was not. Stages appended to its configuration extend it.
        """
    static let examples = [
        CommandExample(
            "semblance train landmarks --data faces.safetensors --config Configs/masked-landmarks.json5 -o runs/landmarks",
            "Train, or go on training."),
        CommandExample(
            "semblance unmask photo.jpg --landmarks runs/landmarks/landmarks.safetensors -o result.png",
            "Unmask with its help."),
    ]

    @Option(help: "Aligned faces, made by 'semblance prepare'.", value: "FILE") var data: FilePath
    @Option(help: "Configuration (JSON5).", value: "FILE") var config: FilePath?
    @Option(help: "Change a setting.", value: "KEY=VALUE") var set: [String]
    @Option(short: "o", help: "Folder of the run.", value: "DIR") var output: FilePath
    @Option(help: "Stop after this many minutes, with a checkpoint.", in: .above(0)) var minutes: Double?
    @Option(help: "Start with the weights of this network.", value: "FILE") var start: FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let configuration = try LandmarkTraining.load(file: config?.string, overrides: set)
        invocation.reporter.note(training: configuration, changes: try configuration.changes())
        let device = try compute.prepare()
        Runtime.keepFreedMemory()
        let data = try LandmarkData(
            AlignedFaces(contentsOf: data.string), configuration, device: device)
        let task = try LandmarkTask(data)
        try invocation.train(
            task, data.batches(), configuration, folder: output.string, minutes: minutes,
            result: "landmarks.safetensors"
        ) {
            if let start { try task.adopt(LandmarkNetwork.read(start.string, device: device)) }
        }
    }
}
