import CommandLineKit
import Configuration
import Faces
import Foundation
import Imaging
import NN
import Perceptual
import Resources
import Torch
import Training
import Unmasking

/// `semblance train unmasker`.
struct TrainUnmaskerCommand: Command {
    static let name = "unmasker"
    static let abstract = "Train an unmasking encoder and its generator on aligned faces."
    static let discussion = """
        The output folder gets config.json, log.jsonl, losses.png, events/ (for TensorBoard), samples/, checkpoints/ and model.safetensors. \
        A run that was stopped, or killed, goes on from its newest checkpoint when it is started again with the same folder, and gives the \
        same losses as one that was not. Stages appended to its configuration extend it.
        """
    static let mutuallyExclusive = [["generator", "from-checkpoint", "from-model"]]
    static let examples = [
        CommandExample(
            "semblance train unmasker --data faces.safetensors --config Configs/unmasker-128.json5 -o runs/unmasker",
            "Train, or go on training, the 128-pixel model."),
        CommandExample(
            "semblance train unmasker --data faces.safetensors --config longer.json5 --from-checkpoint runs/a/checkpoints/step-00002933.safetensors -o runs/b",
            "Start a run where another one stood."),
        CommandExample(
            "semblance train unmasker --data faces.safetensors --config tuned.json5 --generator runs/generator/generator.safetensors -o runs/c",
            "Train an encoder for a generator that was trained before."),
    ]

    @Option(help: "Aligned faces, made by 'semblance prepare'.", value: "FILE") var data: FilePath
    @Option(help: "Configuration (JSON5).", value: "FILE") var config: FilePath?
    @Option(help: "Change a setting.", value: "KEY=VALUE") var set: [String]
    @Option(short: "o", help: "Folder of the run.", value: "DIR") var output: FilePath
    @Option(help: "Stop after this many minutes, with a checkpoint.", in: .above(0)) var minutes: Double?
    @Option(
        help: "Start with the weights, optimisers and step of this checkpoint, in a folder without any.",
        value: "FILE")
    var fromCheckpoint: FilePath?
    @Option(help: "Start with the networks of this finished model, and with new optimisers.", value: "FILE")
    var fromModel: FilePath?
    @Option(
        help:
            "Start with this generator, a file of 'train generator' or 'import'; its stages tune or freeze it.",
        value: "FILE")
    var generator: FilePath?
    @Option(help: "EdgeFace weights for the identity loss.", value: "FILE") var edgeface: FilePath?
    @Option(help: "Weights of a recogniser for the identity loss, instead of the installed ones.")
    var weights: [RecogniserWeights]
    let compute = ComputeOptions()
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let configuration = try UnmaskerTraining.load(file: config?.string, overrides: set)
        invocation.reporter.note(training: configuration, changes: try configuration.changes())
        let device = try compute.prepare()
        Runtime.keepFreedMemory()
        let data = try UnmaskerData(
            AlignedFaces(contentsOf: data.string), configuration, device: device)
        let task = try UnmaskerTask(makeNetworks(configuration, device: device), data: data)
        let start = try prepareFolder(task, configuration, device: device)
        try invocation.train(
            task, data.batches(), configuration, folder: output.string, minutes: minutes, start: start,
            result: "model.safetensors")
    }

    /// Checks that the run can go on, or puts its first checkpoint there.
    /// - Returns: the step that the run stands at.
    private func prepareFolder(_ task: UnmaskerTask, _ configuration: UnmaskerTraining, device: Device) throws
        -> Int
    {
        let store = try CheckpointStore(
            folder: "\(output)/checkpoints", keep: configuration.keepCheckpoints)
        if let newest = store.all.last {
            guard fromCheckpoint == nil else {
                throw UsageError(
                    "\(output) holds a run already (\(newest.path)): leave --from-checkpoint out to go on with it, or name another folder"
                )
            }
            try configuration.check(newest: newest.path)
        } else if let fromCheckpoint {
            try store.save(task.adopt(fromCheckpoint.string))
        } else if let fromModel {
            try task.adopt(UnmaskingModel.read(fromModel.string, device: device))
        } else if let generator {
            try task.adopt(GeneratorModel.read(generator.string, device: device))
        }
        return store.all.last?.step ?? 0
    }

    private func makeNetworks(_ configuration: UnmaskerTraining, device: Device) throws -> UnmaskerNetworks {
        let context = try Context(device: device, seed: configuration.seed)
        var perceptual: LPIPS?
        if configuration.stages.contains(where: \.looksAtFeatures) {
            perceptual = try .installed(in: context)
        }
        var identity: IdentityLoss?
        if configuration.stages.contains(where: \.judgesIdentity) {
            let template = AlignmentTemplate.face128.scaled(to: configuration.networks.generator.size)
            identity = IdentityLoss(
                recognisers: try configuration.identityRecognisers.map {
                    try .aligned(recogniser($0, device: device), from: template)
                }, augmentation: configuration.identityAugmentation)
        }
        return try UnmaskerNetworks(
            configuration, perceptual: perceptual, identity: identity, in: context)
    }

    /// A recogniser of the identity loss, frozen.
    private func recogniser(_ model: RecogniserModel, device: Device) throws -> any FaceRecogniser {
        let named = weights.last { $0.model == model }?.path
        let path = named ?? (model == .edgeface ? edgeface?.string : nil)
        do { return try model.load(weights: path, device: device) } catch let error as ResourceError {
            throw UsageError(
                "the configuration has an identity loss by \(model.rawValue): give its weights with \(model == .edgeface ? "--edgeface FILE or " : "")--weights \(model.rawValue)=FILE (\(error.message))"
            )
        }
    }
}
