import CommandLineKit
import Configuration
import Faces
import Resources
import Torch
import Training
import Unmasking

/// `semblance train recogniser`.
struct TrainRecogniserCommand: Command {
    static let name = "recogniser"
    static let abstract = "Train a face recogniser further, to see through masks."
    static let discussion = """
        The rival of recovery: instead of drawing what a mask hides, the recogniser learns to give a masked face the embedding that it gave \
        the face without the mask. Photos without identities will do. The output folder gets config.json, log.jsonl, losses.png, \
        validation.png, events/, checkpoints/ and recogniser.safetensors, which --weights of 'verify' and 'evaluate verification' reads; its \
        embeddings do not compare with those of the recogniser as it was. A run that was stopped, or killed, goes on from its newest checkpoint when it \
        is started again with the same folder, and gives the same losses as one that was not. Stages appended to its configuration extend it.
        """
    static let examples = [
        CommandExample(
            "semblance train recogniser --data faces.safetensors --config Configs/recogniser-masked.json5 --weights edgeface_xxs.safetensors -o runs/recogniser",
            "Train, or go on training."),
        CommandExample(
            "semblance evaluate verification --images lfw --pairs lfw/pairs.txt --recogniser edgeface --weights runs/recogniser/recogniser.safetensors --probe realigned --masks generated:7",
            "Measure it on masked probes."),
    ]

    @Option(help: "Aligned faces, made by 'semblance prepare'.", value: "FILE") var data: FilePath
    @Option(help: "Configuration (JSON5).", value: "FILE") var config: FilePath?
    @Option(help: "Change a setting.", value: "KEY=VALUE") var set: [String]
    @Option(short: "o", help: "Folder of the run.", value: "DIR") var output: FilePath
    @Option(help: "Stop after this many minutes, with a checkpoint.", in: .above(0)) var minutes: Double?
    @Option(help: "The recogniser's weights to start with, instead of the installed ones.", value: "FILE")
    var weights: FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let configuration = try RecogniserTraining.load(file: config?.string, overrides: set)
        invocation.reporter.note(training: configuration, changes: try configuration.changes())
        let device = try compute.prepare()
        Runtime.keepFreedMemory()
        let data = try RecogniserData(
            AlignedFaces(contentsOf: data.string), configuration, device: device)
        let task = try RecogniserTask(data, weights: weights?.string)
        try invocation.train(
            task, data.batches(), configuration, folder: output.string, minutes: minutes,
            result: "recogniser.safetensors"
        ) {}
    }
}
