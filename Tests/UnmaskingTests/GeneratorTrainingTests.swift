import Configuration
import Faces
import Foundation
import NN
import Perceptual
import Testing
import Torch
import Training
import Unmasking

@Suite struct GeneratorTrainingTests {
    /// 16 pixels, regularised every second step; the reference's `Run`.
    static func training(augmented: Bool = false) -> GeneratorTraining {
        var training = GeneratorTraining()
        (training.batch, training.heldBack, training.workers) = (4, 6, 0)
        training.generator = GeneratorConfiguration(
            size: 16, channels: [4: 8, 8: 8, 16: 6], styleDimension: 16, mappingDepth: 2)
        training.discriminator = DiscriminatorConfiguration(size: 16, channels: [4: 8, 8: 8, 16: 6])
        (training.r1Interval, training.pathInterval) = (2, 2)
        training.augmentation.target = augmented ? 0.6 : nil
        (training.augmentation.interval, training.augmentation.images) = (1, 100)
        training.augmentation.initial = augmented ? 0.6 : 0
        training.stages[0].size = 16
        training.stages[0].r1 = 3
        return training
    }

    static func task(_ training: GeneratorTraining, features: LPIPS? = nil) throws -> GeneratorTask {
        try GeneratorTask(
            GeneratorData(TinyUnmasker.faces(count: 20, size: 16), training), features: features)
    }

    private static func batch(_ number: Int) throws -> Batch {
        let values = try Reference.hashed("real.\(number)", [4, 3, 16, 16]).sigmoid().floats()
        let samples = (0..<4).map { index in
            Sample(
                name: "real \(index)",
                [
                    "face": .floats(
                        Array(values[(index * 768)..<((index + 1) * 768)]), shape: [3, 16, 16])
                ])
        }
        return try Batch(samples, indices: [0, 1, 2, 3])
    }

    /// Losses, penalties and the probability of augmentation of three steps, with all updates between them.
    @Test(arguments: [false, true])
    func stepsAgreeWithReference(augmented: Bool) throws {
        let fixture = try Reference.read("augmentation.safetensors")
        let task = try Self.task(Self.training(augmented: augmented))
        try Reference.fill(task.generator)
        try Reference.fill(task.discriminator)
        let name = augmented ? "augmented" : "plain"
        for step in 0..<3 {
            let context = StepContext(step: step, optimizers: task.components.optimizers)
            try task.step(Self.batch(step), context)
            let prefix = "step.\(name).\(step)."
            let expected = fixture.filter { $0.key.hasPrefix(prefix) }
            #expect(expected.count >= 4)
            for (key, value) in expected {
                let term = String(key.dropFirst(prefix.count))
                let (found, wanted) = (try #require(context.values[term], "\(key)"), try value.item())
                #expect(abs(found - wanted) < 1e-3 * max(0.1, abs(wanted)), "\(key): \(found), not \(wanted)")
            }
        }
    }

    @Test func ratesAndMomentsAreCorrectedForLazyRegularisation() throws {
        var training = Self.training()
        (training.r1Interval, training.pathInterval) = (16, 4)
        let optimizers = try Self.task(training).components.optimizers
        for (name, share) in [("generator", 0.8), ("discriminator", 16.0 / 17)] {
            let adam = try #require(optimizers[name]?.optimizer as? Adam)
            #expect(abs(adam.groups[0].baseRate - share) < 1e-12, "\(name)")
            #expect(adam.beta1 == 0 && abs(adam.beta2 - pow(0.99, share)) < 1e-12, "\(name)")
        }
        training.batch = 20
        training.averageHalfLife = 20
        #expect(abs(training.averageDecay - 0.5) < 1e-12)
        var stage = GeneratorStage()
        stage.size = 64
        #expect(abs(training.r1(stage).gamma - 0.0002 * 4096 / 20) < 1e-12)
    }

    @Test func stagesAndAugmentationKeepDefaultsForMissingKeys() throws {
        let configuration = try GeneratorTraining.load(
            json5: """
                { augmentation: { hue: 0, target: null }, stages: [ { name: 'a', steps: 10, size: 64 }, { r1: 0.5 } ] }
                """)
        #expect(configuration.augmentation.hue == 0 && configuration.augmentation.saturation == 1)
        #expect(configuration.augmentation.target == nil && configuration.augmentation.limit == 0.8)
        #expect(configuration.stages[0].r1 == nil && configuration.stages[1].r1 == 0.5)
        #expect(configuration.stage(at: 12).index == 1 && configuration.totalSteps == 1010)
    }

    @Test(arguments: [
        ("{ stages: [ { size: 100 } ] }", "size 100"), ("{ styleMixing: 2 }", "styleMixing 2"),
        ("{ augmentation: { limit: 2 } }", "limit 2"), ("{ augmentation: { huge: 1 } }", "huge"),
        ("{ discriminator: { size: 64 } }", "discriminator.size 64"), ("{ r1Interval: 0 }", "r1Interval 0"),
        ("{ discriminator: { progressiveInputs: false }, stages: [ { size: 64 } ] }", "progressiveInputs"),
        ("{ stages: [ { pathLength: -1 } ] }", "pathLength -1"),
    ])
    func badSettingsAreNamed(text: String, expected: String) {
        let error = #expect(throws: (any Error).self) { try GeneratorTraining.load(json5: text) }
        #expect(error.map { "\($0)" }?.contains(expected) == true, "\(text): \(String(describing: error))")
    }

    @Test func kernelDistanceSeesThatFacesAreNotNoise() throws {
        let lpips = try LPIPS(.alex, in: Context(seed: 2))
        let task = try Self.task(Self.training(), features: lpips)
        let first = try task.validate()
        #expect(try task.validate() == first, "the same codes each time")
        let distance = try #require(first["kid alexnet"])
        #expect(distance > 0.001 && first["kid alexnet deviation"] != nil, "\(first)")
        #expect(try Self.task(Self.training()).validate().isEmpty)
        let sheet = try #require(try task.sampleGrid())
        #expect(sheet.width >= 8 * 16 && sheet.height >= 4 * 16)
    }

    @Test func theFinishedGeneratorIsReadByOtherCommands() throws {
        let folder = NSTemporaryDirectory() + "/generator-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let task = try Self.task(Self.training())
        try task.publish(to: folder, step: 3)
        let path = "\(folder)/generator.safetensors"
        let model = try GeneratorModel.read(path)
        #expect(model.configuration.generator == Self.training().generator)
        let z = try Reference.hashed("z", [2, 16])
        let expected = try task.average.average.generate(z)
        #expect(try (model.generator.generate(z) - expected).abs().amax().item() == 0)
        #expect(try model.meanLatent.abs().amax().item() > 0)
        #expect(try LatentModel.read(path).kind == .stylegan2)

        // Another run starts from it, generator, average and discriminator.
        var training = Self.training()
        training.seed = 7
        let other = try Self.task(training)
        try other.adopt(model)
        for (mine, theirs) in [
            (other.generator as Module, task.average.average as Module),
            (other.average.average, task.average.average), (other.discriminator, task.discriminator),
        ] {
            #expect(
                try mine.parameters().map { try $0.bytes() } == theirs.parameters().map { try $0.bytes() })
        }
        training.generator.channels[16] = 5
        let narrow = try Self.task(training)
        let error = #expect(throws: UnmaskingError.self) { try narrow.adopt(model) }
        #expect("\(try #require(error))".contains("built otherwise"))
    }

    /// The other order: a generator that an encoder's training made goes on with random codes.
    @Test func startsWithTheGeneratorOfAnUnmasker() throws {
        let training = Self.training()
        var encoder = EncoderConfiguration(for: training.generator)
        (encoder.stageChannels, encoder.stageBlocks) = ([4, 4, 8], [1, 1, 1])
        (encoder.pyramidChannels, encoder.hiddenFeatures, encoder.maskChannels) = (8, 8, 4)
        let model = try UnmaskingModel(
            UnmaskingModelConfiguration(generator: training.generator, encoder: encoder),
            in: Context(seed: 31))
        let task = try Self.task(training)
        let before = try task.discriminator.parameters().map { try $0.bytes() }
        try task.adopt(model)
        let expected = try model.generator.parameters().map { try $0.bytes() }
        #expect(try task.generator.parameters().map { try $0.bytes() } == expected)
        #expect(try task.average.average.parameters().map { try $0.bytes() } == expected)
        #expect(try task.discriminator.parameters().map { try $0.bytes() } == before)
        var other = training
        other.generator.channels[16] = 5
        let narrow = try Self.task(other)
        #expect(throws: UnmaskingError.self) { try narrow.adopt(model) }
    }

    /// An encoder for a generator that was trained before: it starts at its weights and mean code, and learns at a rate of its own.
    @Test func unmaskersStartFromAGenerator() throws {
        let model = try GeneratorModel(
            .init(generator: TinyUnmasker.networks.generator), in: Context(seed: 21))
        try model.measureMeanLatent()
        var stage = TinyUnmasker.stage(steps: 1)
        stage.generatorRate = 1e-5
        let task = try TinyUnmasker.task(TinyUnmasker.training([stage]))
        try task.adopt(model)
        let network = task.networks.model
        func bytes(_ module: Module) throws -> [[UInt8]] { try module.parameters().map { try $0.bytes() } }
        #expect(try bytes(network.generator) == bytes(model.generator))
        #expect(try bytes(task.networks.average.average.generator) == bytes(model.generator))
        #expect(try (network.encoder.meanLatent[0] - model.meanLatent).abs().amax().item() == 0)
        let schedule = task.training.schedule { $0.generatorRate ?? $0.rate }
        #expect(abs(schedule.factor(at: 0) - 1e-5) < 1e-12)
        let rates = task.components.optimizers.mapValues { $0.schedule.factor(at: 0) }
        #expect(abs(try #require(rates["generator"]) - 1e-5) < 1e-12)
        #expect(abs(try #require(rates["encoder"]) - 3e-3) < 1e-12)
        let wide = try GeneratorModel(
            .init(generator: .init(size: 32, channels: [4: 8, 8: 8, 16: 8, 32: 8], styleDimension: 16)),
            in: Context(seed: 21))
        #expect(throws: UnmaskingError.self) { try task.adopt(wide) }
    }

    @Test func extraStateIsStrict() throws {
        let task = try Self.task(Self.training())
        let state = try task.extraState()
        try task.restore(extra: state)
        #expect(throws: TrainingError.self) { try task.restore(extra: [:]) }
        var more = state
        more["pools"] = try .zeros([1])
        #expect(throws: TrainingError.self) { try task.restore(extra: more) }
    }
}
