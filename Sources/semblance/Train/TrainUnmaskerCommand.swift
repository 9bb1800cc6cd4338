import CommandLineKit
import Configuration
import Faces
import Foundation
import Imaging
import NN
import Perceptual
import Resources
import Torch
import Unmasking

/// `semblance train unmasker`.
struct TrainUnmaskerCommand: Command {
    static let name = "unmasker"
    static let abstract = "Train an unmasking encoder and its generator on aligned faces."
    static let discussion =
        "Writes checkpoints, sample sheets and a log into the output folder, and goes on where it stopped when the folder already holds a checkpoint."
    static let examples = [
        CommandExample(
            "semblance train unmasker --data faces.safetensors --config Configs/unmasker-128.json5 -o runs/unmasker",
            "Train, or go on training, the 128-pixel model.")
    ]

    @Option(help: "Aligned faces, made by 'semblance prepare'.", value: "FILE") var data: FilePath
    @Option(help: "Configuration (JSON5).", value: "FILE") var config: FilePath?
    @Option(help: "Change a setting.", value: "KEY=VALUE") var set: [String]
    @Option(short: "o", help: "Folder for checkpoints, sheets and the log.", value: "DIR") var output:
        FilePath
    @Option(help: "Stop after this many minutes, with a checkpoint.", in: .above(0)) var minutes: Double?
    @Option(help: "Threads to compute with.", in: .atLeast(1)) var threads: Int?
    @Option(help: "Device: cpu, cuda or cuda:N.") var device: String = "cpu"
    @Option(help: "EdgeFace weights for the identity loss.", value: "FILE") var edgeface: FilePath?
    let report = ReportOptions()

    func run(_ invocation: Invocation) throws {
        let configuration = try UnmaskerTraining.load(file: config?.string, overrides: set)
        for change in try configuration.changes() { invocation.reporter.note(change) }
        if let threads { Runtime.threads = threads }
        Runtime.keepFreedMemory()
        let device = try Device(device)
        let folder = output.string
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try configuration.write(to: folder + "/config.json")
        let faces = try AlignedFaces(contentsOf: data.string)
        let networks = try makeNetworks(configuration, device: device)
        let maker = try UnmaskerBatchMaker(
            faces: faces, heldBack: configuration.heldBack, batch: configuration.batch,
            seed: configuration.seed)
        let trainer = UnmaskerStep(networks, precision: configuration.autocastType)

        let checkpoint = folder + "/checkpoint.safetensors"
        var step = 0
        if FileManager.default.fileExists(atPath: checkpoint) {
            step = try UnmaskerCheckpoint.read(checkpoint, into: networks)
            invocation.reporter.note("resuming at step \(step)")
        }
        let log = try LogFile(folder + "/log.jsonl")
        let clock = ContinuousClock()
        let begin = clock.now
        var last = begin
        var sums: [String: Double] = [:]
        var summed = 0
        let total = configuration.totalSteps
        while step < total {
            let (stage, index, stageStep, factor) = configuration.stage(at: step)
            let batch = try maker.batch(step: stageStep, of: stage, index: index)
            let values = try trainer(batch, stage: stage, step: step, rateFactor: factor)
            step += 1
            for (key, value) in values { sums[key, default: 0] += value }
            summed += 1
            if step % configuration.logEvery == 0 {
                let now = clock.now
                let seconds = (now - last) / .seconds(1)
                last = now
                let rate = Double(summed * configuration.batch) / seconds
                let means = sums.mapValues { $0 / Double(summed) }
                try log.append(step: step, stage: stage.name, imagesPerSecond: rate, losses: means)
                let text = means.sorted { $0.key < $1.key }.map {
                    "\($0.key) \(String(format: "%.4f", $0.value))"
                }
                let remaining = Double(total - step) * Double(configuration.batch) / rate
                invocation.reporter.progress(
                    "\(stage.name) \(step)/\(total) \(String(format: "%.1f", rate)) img/s, \(Int(remaining / 60)) min left: "
                        + text.joined(separator: " "))
                sums = [:]
                summed = 0
            }
            let isLast =
                step == total || invocation.cancellation.isCancelled
                || minutes.map { (clock.now - begin) / .seconds(60) >= $0 } == true
            if isLast || step % configuration.checkpointEvery == 0 {
                try UnmaskerCheckpoint.write(networks, step: step, to: checkpoint)
                try networks.average.average.write(
                    to: folder + "/model.safetensors", metadata: ["steps": "\(step)"])
            }
            if isLast || step % configuration.sheetEvery == 0 {
                try SampleSheet.write(
                    networks.average.average, maker: maker, stage: stage,
                    to: folder + "/sheet-\(String(format: "%06d", step)).png")
            }
            if isLast { break }
        }
        try invocation.reporter.line("step \(step) of \(total): \(folder)/model.safetensors")
    }

    private func makeNetworks(_ configuration: UnmaskerTraining, device: Device) throws -> UnmaskerNetworks {
        let context = try Context(device: device, seed: configuration.seed)
        var perceptual: LPIPS?
        if configuration.stages.contains(where: { $0.perceptual > 0 }) {
            let lpips = try LPIPS(.alex, in: context)
            try lpips.load(contentsOf: ResourceLocator.standard.weights("lpips_alex"))
            perceptual = lpips
        }
        var identity: IdentityLoss?
        if configuration.stages.contains(where: { $0.identity > 0 }) {
            guard let edgeface else {
                throw UsageError(
                    "the configuration has an identity loss: give its weights with --edgeface FILE")
            }
            let network = try EdgeFace(in: context)
            try network.load(contentsOf: edgeface.string)
            try network.requiresGrad_(false)
            network.evaluate()
            let map = try AlignmentTemplate.face128.transform(to: .arcFace112).inverse()
            let crop = try AlignedCrop(
                matrix: [map.a, map.b, map.c, map.d, map.e, map.f], height: 112, width: 112)
            identity = IdentityLoss(
                weight: 1,
                recognisers: [
                    .init(name: "edgeface", crop: crop) { (x) throws(TorchError) in try network(x) }
                ])
        }
        return try UnmaskerNetworks(
            configuration.networks, discriminator: configuration.discriminator, perceptual: perceptual,
            identity: identity, averageDecay: configuration.averageDecay, in: context)
    }
}

/// Appends one JSON object per line.
private final class LogFile {
    private let handle: FileHandle

    init(_ path: String) throws {
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw ImagingError.file(path: path, reason: "cannot be written; check the folder's permissions")
        }
        self.handle = handle
        try handle.seekToEnd()
    }

    func append(step: Int, stage: String, imagesPerSecond: Double, losses: [String: Double]) throws {
        let object: [String: Any] = [
            "step": step, "stage": stage, "imagesPerSecond": imagesPerSecond, "losses": losses,
        ]
        try handle.write(
            contentsOf: JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]) + [10])
    }
}
