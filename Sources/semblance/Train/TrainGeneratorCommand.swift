import CommandLineKit
import Configuration
import Faces
import NN
import Perceptual
import Resources
import Torch
import Training
import Unmasking

/// `semblance train generator`.
struct TrainGeneratorCommand: Command {
    static let name = "generator"
    static let abstract = "Train a StyleGAN2 generator on aligned faces."
    static let discussion = """
        As published: non-saturating loss, lazy R1 and path-length regularisation, style mixing, noise, a moving average of the weights, \
        and adaptive augmentation for small data sets. The output folder gets config.json, log.jsonl, losses.png, validation.png (kernel \
        distance to held-back faces in AlexNet's features), events/, samples/, checkpoints/ and generator.safetensors. A run that was \
        stopped, or killed, goes on from its newest checkpoint when it is started again with the same folder, and gives the same losses as \
        one that was not. Stages appended to its configuration extend it.
        """
    static let examples = [
        CommandExample(
            "semblance train generator --data faces.safetensors --config Configs/generator-128.json5 -o runs/generator",
            "Train, or go on training, at 128 pixels."),
        CommandExample(
            "semblance generate --model runs/generator/generator.safetensors --seeds 1-16 -o faces",
            "Look at what it draws."),
    ]

    @Option(help: "Aligned faces, made by 'semblance prepare'.", value: "FILE") var data: FilePath
    @Option(help: "Configuration (JSON5).", value: "FILE") var config: FilePath?
    @Option(help: "Change a setting.", value: "KEY=VALUE") var set: [String]
    @Option(short: "o", help: "Folder of the run.", value: "DIR") var output: FilePath
    @Option(help: "Stop after this many minutes, with a checkpoint.", in: .above(0)) var minutes: Double?
    @Option(
        help:
            "Start with the weights of this generator, a file of 'import' or of this command, or with that of an unmasking model.",
        value: "FILE")
    var start: FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let configuration = try GeneratorTraining.load(file: config?.string, overrides: set)
        invocation.reporter.note(training: configuration, changes: try configuration.changes())
        let device = try compute.prepare()
        Runtime.keepFreedMemory()
        let data = try GeneratorData(
            AlignedFaces(contentsOf: data.string), configuration, device: device)
        let task = try GeneratorTask(data, features: features(configuration, device: device))
        try invocation.train(
            task, data.batches(), configuration, folder: output.string, minutes: minutes,
            result: "generator.safetensors"
        ) {
            guard let start else { return }
            if try SafeTensors.metadata(start.string)["format"] == UnmaskingModel.format {
                try task.adopt(UnmaskingModel.read(start.string, device: device))
            } else {
                try task.adopt(GeneratorModel.read(start.string, device: device))
            }
        }
    }

    /// The network whose features the kernel distance is measured in; nil when it is never measured.
    private func features(_ configuration: GeneratorTraining, device: Device) throws -> LPIPS? {
        guard configuration.validateEvery > 0, configuration.heldBack >= 4 else { return nil }
        return try .installed(in: Context(device: device, seed: configuration.seed))
    }
}
