import CommandLineKit
import Configuration
import Foundation
import NN
import ReID
import Resources
import Torch
import Training

/// `semblance train reid`.
struct TrainReIDCommand: Command {
    static let name = "reid"
    static let abstract = "Train a person embedding with joined classification, metric and attribute losses."
    static let discussion =
        "Writes checkpoints, a log, event files for TensorBoard and model.safetensors into the output folder, and goes on where it stopped when the folder already holds a checkpoint."
    static let mutuallyExclusive = [["weights", "from-model"]]
    static let examples = [
        CommandExample(
            "semblance train reid --data Market-1501-v15.09.15 --config Configs/reid-market.json5 -o runs/reid",
            "Train, or go on training, the default model.")
    ]

    @Option(help: "Root folder of the data set.", value: "DIR") var data: FilePath
    @Option(help: "Layout of the data set.") var layout: PersonDatasetLayout = .market1501
    @Option(help: "Attributes of the people (.mat or .csv).", value: "FILE") var attributes: FilePath?
    @Option(help: "Configuration (JSON5).", value: "FILE") var config: FilePath?
    @Option(help: "Change a setting.", value: "KEY=VALUE") var set: [String]
    @Option(short: "o", help: "Folder of the run.", value: "DIR") var output: FilePath
    @Option(help: "Stop after this many minutes, with a checkpoint.", in: .above(0)) var minutes: Double?
    @Option(help: "Backbone weights to start from, by torchvision key.", value: "FILE") var weights: FilePath?
    @Option(help: "Trained model to go on from.", value: "FILE") var fromModel: FilePath?
    let compute = ComputeOptions()
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let configuration = try ReIDTraining.load(file: config?.string, overrides: set)
        for change in try configuration.changes() { invocation.reporter.note(change) }
        let device = try compute.prepare()
        Runtime.keepFreedMemory()
        let whole = try PersonDataset.load(
            layout, root: data.string, attributes: attributes?.string)
        for remark in whole.remarks { invocation.reporter.note("\(remark)") }
        let dataset =
            configuration.heldOutPeople > 0
            ? whole.holdingOut(people: configuration.heldOutPeople, seed: configuration.seed) : whole
        let usesAttributes = configuration.loss.attributes.weight > 0
        guard !usesAttributes || whole.attributes != nil else {
            throw UsageError(
                "the configuration has an attribute loss: give the attributes with --attributes FILE, or --set loss.attributes.weight=0"
            )
        }
        let schema = usesAttributes ? whole.attributes?.schema : nil
        let samples = try PersonSamples(
            dataset, attributes: usesAttributes ? whole.attributes : nil, caches: configuration.cachesImages)
        guard let last = configuration.stages.last else { return }
        let task = try ReIDTask(
            configuration, classes: samples.classCount, schema: schema,
            attributeCounts: schema.map { samples.attributeCounts($0) } ?? [],
            pretrained: pretrained(configuration),
            start: try fromModel.map { try ReIDModel.read($0.string, device: device) },
            validation: configuration.heldOutPeople > 0
                ? ReIDValidation(
                    query: dataset.query, gallery: dataset.gallery, height: last.height, width: last.width)
                : nil,
            diagnostics: configuration.diagnoseEvery > 0
                ? TrainingDiagnostics(folder: output.string) : nil,
            in: Context(device: device, seed: configuration.seed))
        let loader = try StagedBatches(
            configuration.stages.enumerated().map { index, stage in
                StagedBatches.Stage(batches: stage.steps) {
                    try samples.loader(stage, of: configuration, index: index, device: device)
                }
            })
        let loop = try TrainingLoop(
            task, loader: loader, folder: output.string, options: options(configuration),
            configuration: configuration.json(),
            progress: report.quiet
                ? nil : ProgressReporter("train", total: configuration.totalSteps),
            isCancelled: { invocation.cancellation.isCancelled })
        let outcome = try loop.run()

        let model = try task.trainedModel(height: last.height, width: last.width, schema: schema)
        let path = output.string + "/model.safetensors"
        try model.write(to: path, metadata: ["steps": "\(outcome.step)", "data": dataset.name])
        try invocation.reporter.line(
            "step \(outcome.step) of \(configuration.totalSteps), \(outcome.reason.rawValue): \(path)")
        try invocation.reporter.result(outcome)
    }

    private func options(_ configuration: ReIDTraining) -> LoopOptions {
        var options = LoopOptions(steps: configuration.totalSteps)
        options.minutes = minutes
        options.logEvery = configuration.logEvery
        options.checkpointEvery = configuration.checkpointEvery
        options.validateEvery = configuration.validateEvery
        return options
    }

    private func pretrained(_ configuration: ReIDTraining) throws -> (
        state: [String: Tensor], source: String
    )? {
        guard fromModel == nil, configuration.pretrained || weights != nil else { return nil }
        let path =
            try weights?.string ?? ResourceLocator.standard.weights(configuration.network.backbone.rawValue)
        return (try SafeTensors.read(path), path)
    }
}
