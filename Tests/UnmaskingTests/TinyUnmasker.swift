import Faces
import Foundation
import Imaging
import NN
import Perceptual
import Torch
import Training
import Unmasking

/// Networks and faces that are small enough for a test.
enum TinyUnmasker {
    static let networks: UnmaskingModelConfiguration = {
        let generator = GeneratorConfiguration(
            size: 32, channels: [4: 8, 8: 8, 16: 8, 32: 4], styleDimension: 16, mappingDepth: 2)
        var encoder = EncoderConfiguration(for: generator)
        encoder.stageChannels = [4, 4, 8]
        encoder.stageBlocks = [1, 1, 1]
        encoder.pyramidChannels = 8
        encoder.hiddenFeatures = 8
        encoder.maskChannels = 4
        return UnmaskingModelConfiguration(generator: generator, encoder: encoder)
    }()

    static func model(seed: UInt64 = 3) throws -> UnmaskingModel {
        try UnmaskingModel(networks, in: Context(seed: seed))
    }

    /// A training without perceptual network, in fp32.
    static func training(_ stages: [UnmaskerStage]) -> UnmaskerTraining {
        var training = UnmaskerTraining()
        training.networks = networks
        training.discriminator = DiscriminatorConfiguration(
            size: 32, channels: [4: 8, 8: 8, 16: 4, 32: 4], progressiveInputs: true)
        training.batch = 4
        training.precision = "float32"
        training.averageDecay = 0.9
        training.heldBack = 4
        training.logEvery = 1
        training.checkpointEvery = 1000
        training.validateEvery = 0
        training.sheetEvery = 0
        training.stages = stages
        return training
    }

    static func stage(_ name: String = "stage", steps: Int, size: Int = 32, maskShare: Double = 0.7)
        -> UnmaskerStage
    {
        var stage = UnmaskerStage()
        stage.name = name
        stage.steps = steps
        stage.size = size
        stage.maskShare = maskShare
        stage.perceptual = 0
        stage.rate = 3e-3
        stage.finalRate = 3e-3
        return stage
    }

    /// Round smooth blobs on grounds of all colours.
    static func faces(count: Int = 20, size: Int = 32) throws -> AlignedFaces {
        var random = SampleRandom(seed: 4)
        var pixels: [UInt8] = []
        for _ in 0..<count {
            let ground = (0..<3).map { _ in random.uniform(30, 120) }
            let skin = (0..<3).map { _ in random.uniform(130, 230) }
            for channel in 0..<3 {
                for y in 0..<size {
                    for x in 0..<size {
                        let (u, v) = (Double(x) / Double(size) - 0.5, Double(y) / Double(size) - 0.5)
                        let inside = 1 / (1 + exp(40 * (u * u / 0.16 + v * v / 0.2 - 1)))
                        pixels.append(
                            UInt8(
                                ground[channel] + (skin[channel] - ground[channel]) * inside * (1 - v * 0.3)))
                    }
                }
            }
        }
        let template = AlignmentTemplate.face128.scaled(to: size)
        return try AlignedFaces(
            size: size, names: (0..<count).map { "face-\($0).png" }, pixels: pixels,
            landmarks: Array(repeating: template.landmarks, count: count))
    }

    /// A recogniser whose embedding is the face itself, a quarter of the size.
    static func pixelIdentity() throws -> IdentityLoss {
        let crop = try AlignedCrop(matrix: [4, 0, 1.5, 0, 4, 1.5], height: 8, width: 8)
        return IdentityLoss(
            recognisers: [
                .init(name: "pixels", crop: crop) { (x) throws(TorchError) in try x.flatten(from: 1) }
            ],
            augmentation: IdentityAugmentation())
    }

    static func task(
        _ training: UnmaskerTraining, faces: AlignedFaces? = nil, identity: IdentityLoss? = nil
    ) throws -> UnmaskerTask {
        let context = try Context(seed: training.seed)
        // Its weights mean nothing, but tell pictures apart.
        let perceptual =
            try training.stages.contains(where: \.looksAtFeatures) ? LPIPS(.alex, in: context) : nil
        let networks = try UnmaskerNetworks(
            training, perceptual: perceptual, identity: identity, in: Context(seed: training.seed))
        return try UnmaskerTask(networks, data: UnmaskerData(faces ?? TinyUnmasker.faces(), training))
    }

    /// Trains in a folder of its own, which is removed afterwards.
    /// - Returns: the task, and the losses of each step.
    @discardableResult
    static func run(_ training: UnmaskerTraining) throws -> (task: UnmaskerTask, losses: [[String: Double]]) {
        let folder = NSTemporaryDirectory() + "/unmasker-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let task = try task(training)
        try TrainingLoop(
            task, loader: UnmaskerData(faces(), training).batches(), folder: folder,
            options: training.loopOptions()
        ).run()
        let lines = try MetricsLog.read("\(folder)/log.jsonl").filter { $0.kind == .train }
        return (task, lines.map { $0.values ?? [:] })
    }
}
