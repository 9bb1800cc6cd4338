import Faces
import Foundation
import Imaging
import Testing
import Torch
import Training
import Unmasking

/// `train unmasker` as a process that is killed and started again.
@Suite(.serialized) struct TrainUnmaskerTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/train-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.faces().write(to: "\(folder)/faces.safetensors")
        try Self.training().write(to: "\(folder)/training.json5")
    }

    static func faces() throws -> AlignedFaces {
        var random = SampleRandom(seed: 8)
        let (count, size) = (24, 32)
        var pixels: [UInt8] = []
        for _ in 0..<(count * 3) {
            let (low, tilt) = (random.uniform(80, 150), random.uniform(-2, 2))
            for y in 0..<size { for x in 0..<size { pixels.append(UInt8(low + tilt * Double(x - y / 2))) } }
        }
        return try AlignedFaces(
            size: size, names: (0..<count).map { "face-\($0).png" }, pixels: pixels,
            landmarks: Array(
                repeating: AlignmentTemplate.face128.scaled(to: size).landmarks, count: count))
    }

    /// Three stages: clean and small, masked and large, with adversaries.
    static func training() -> UnmaskerTraining {
        let generator = GeneratorConfiguration(
            size: 32, channels: [4: 8, 8: 8, 16: 8, 32: 4], styleDimension: 16, mappingDepth: 2)
        var encoder = EncoderConfiguration(for: generator)
        encoder.stageChannels = [4, 4, 8]
        encoder.stageBlocks = [1, 1, 1]
        (encoder.pyramidChannels, encoder.hiddenFeatures, encoder.maskChannels) = (8, 8, 4)
        encoder.featureOffsets = [8: 8]
        var training = UnmaskerTraining()
        training.networks = UnmaskingModelConfiguration(generator: generator, encoder: encoder)
        training.discriminator = DiscriminatorConfiguration(
            size: 32, channels: [4: 8, 8: 8, 16: 4, 32: 4], progressiveInputs: true)
        (training.batch, training.precision, training.heldBack) = (4, "float32", 4)
        (training.logEvery, training.checkpointEvery, training.validateEvery) = (1, 3, 5)
        (training.sheetEvery, training.latentPool) = (11, 6)
        training.stages = ["clean", "masked", "adversaries"].enumerated().map { index, name in
            var stage = UnmaskerStage()
            (stage.name, stage.steps, stage.size) = (name, 12, index == 0 ? 16 : 32)
            (stage.maskShare, stage.perceptual) = (index == 0 ? 0 : 0.8, 0)
            (stage.rate, stage.finalRate) = (2e-3, 5e-4)
            return stage
        }
        training.stages[2].adversarial = AdversarialLoss(weight: 0.05)
        training.stages[2].r1.interval = 4
        training.stages[2].consistency = LatentConsistencyLoss(weight: 0.1)
        training.stages[2].latentAdversarial = LatentAdversarialLoss(
            weight: 0.1, real: .mapping, rate: 1e-3)
        training.stages[2].pathLength = .init(weight: 1, interval: 3)
        return training
    }

    private var runs: TrainingRun {
        TrainingRun(
            folder: folder,
            command: [
                "train", "unmasker", "--data", "\(folder)/faces.safetensors", "--config",
                "\(folder)/training.json5",
            ])
    }

    private func train(_ run: String, _ more: String...) throws -> SemblanceProcess {
        try runs.train(run, more)
    }

    @Test func killedRunsResumeToTheSameLossesAndWeights() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let whole = try train("whole")
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(whole.output.contains("finished at step 36 of 36"))
        for step in [4, 14, 26] { try runs.trainAndKill("killed", after: step) }
        #expect(try train("killed", "--quiet").status == 0)
        let lines = try runs.curve("killed")
        #expect(lines.filter { $0.kind == .train }.map(\.step) == Array(1...36))
        #expect(lines.filter { $0.kind == .validation }.count == 8)
        #expect(try lines == runs.curve("whole"))
        for term in ["adversarial", "r1", "consistency", "latent discriminator", "path length"] {
            #expect(lines.contains { $0.values?[term] != nil }, "\(term)")
        }
        let last = try ["whole", "killed"].map {
            try SafeTensors.read("\(folder)/\($0)/checkpoints/step-00000036.safetensors").mapValues {
                try $0.bytes()
            }
        }
        #expect(last[0] == last[1])
        for name in ["config.json", "losses.png", "events", "samples/step-00000033.png", "model.safetensors"]
        {
            #expect(FileManager.default.fileExists(atPath: "\(folder)/killed/\(name)"), "\(name)")
        }
        #expect(try UnmaskingModel.read("\(folder)/killed/model.safetensors").size == 32)
        let checkpoints = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/killed/checkpoints")
        #expect(checkpoints.count == 2)

        // Stages appended to the configuration extend the run; what is done stays.
        var longer = Self.training()
        longer.stages.append(longer.stages[1])
        longer.stages[3].steps = 3
        try longer.write(to: "\(folder)/training.json5")
        let extended = try train("killed", "--json")
        #expect(extended.status == 0, "\(extended.errors)")
        let outcome = try JSONDecoder().decode(TrainingOutcome.self, from: Data(extended.output.utf8))
        #expect(outcome.startedAt == 36 && outcome.step == 39 && outcome.reason == .finished)
        #expect(try Array(runs.curve("killed").prefix(lines.count)) == lines)

        longer.stages[0].steps = 11
        try longer.write(to: "\(folder)/training.json5")
        let changed = try train("killed")
        #expect(changed.status == 1 && changed.errors.contains("must keep their steps"), "\(changed.errors)")
    }

    @Test func aRunStartsWhereAnotherOneStood() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let short = try train("first", "--set", "stages.2.steps=1", "--quiet")
        #expect(short.status == 0, "\(short.errors)")
        let checkpoint = "\(folder)/first/checkpoints/step-00000025.safetensors"
        let second = try train("second", "--from-checkpoint", checkpoint, "--json")
        #expect(second.status == 0, "\(second.errors)")
        let outcome = try JSONDecoder().decode(TrainingOutcome.self, from: Data(second.output.utf8))
        #expect(outcome.startedAt == 25 && outcome.step == 36)
        let again = try train("second", "--from-checkpoint", checkpoint)
        #expect(again.status == 64 && again.errors.contains("holds a run already"), "\(again.errors)")
        let wrong = try train("third", "--from-checkpoint", "\(folder)/faces.safetensors")
        #expect(wrong.status == 1 && wrong.errors.contains("not a checkpoint"), "\(wrong.errors)")
    }

    @Test func aRunStartsWithAFinishedModel() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(
            try train("first", "--set", "stages.1.steps=1", "--set", "stages.2.steps=1", "--quiet").status
                == 0)
        let model = "\(folder)/first/model.safetensors"
        // At a rate of nothing the networks stay what they were, but for what they count of the pictures they see.
        let resting = (0...2).flatMap { stage in ["rate", "finalRate"].map { "stages.\(stage).\($0)=0" } }
        let still = try runs.train(
            "second",
            ["--from-model", model, "--minutes", "0.0001", "--json"] + resting.flatMap { ["--set", $0] })
        #expect(still.status == 0, "\(still.errors)")
        #expect(try JSONDecoder().decode(TrainingOutcome.self, from: Data(still.output.utf8)).startedAt == 0)
        let (one, other) = (
            try UnmaskingModel.read(model).stateDictionary(),
            try UnmaskingModel.read("\(folder)/second/model.safetensors").stateDictionary()
        )
        #expect(Set(one.keys) == Set(other.keys) && one.count > 20)
        for (key, tensor) in one where !key.contains("running_") && !key.contains("num_batches") {
            #expect(try other[key]?.floats() == tensor.floats(), "\(key)")
        }
        let both = try train("third", "--from-model", model, "--generator", model)
        #expect(both.status == 64, "\(both.errors)")
        let wrong = try train(
            "third", "--from-model", model, "--set", "networks.generator.mappingDepth=3")
        #expect(wrong.status == 1 && wrong.errors.contains("built otherwise"), "\(wrong.errors)")
    }

    @Test func timeAndBadSettingsEndTheRunInGoodOrder() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let brief = try train("brief", "--minutes", "0.0001", "--json")
        #expect(brief.status == 0, "\(brief.errors)")
        let outcome = try JSONDecoder().decode(TrainingOutcome.self, from: Data(brief.output.utf8))
        #expect(outcome.reason == .outOfTime && outcome.step < 36 && outcome.checkpoint != nil)
        let misspelt = try train("bad", "--set", "batsh=2")
        #expect(misspelt.status == 1 && misspelt.errors.contains("batch"), "\(misspelt.errors)")
        let identity = try train("bad", "--set", "stages.0.identity=0.1")
        #expect(identity.status == 64 && identity.errors.contains("--edgeface"), "\(identity.errors)")
        let another = try train(
            "bad", "--set", "stages.0.identity=0.1", "--set", "identityRecognisers=[\"ir-se50\"]")
        #expect(
            another.status == 64 && another.errors.contains("--weights ir-se50=FILE"), "\(another.errors)")
        let size = try train("bad", "--set", "batch=25")
        #expect(size.status == 1 && size.errors.contains("24 faces, 4 of them held back"), "\(size.errors)")
        let nan = try train("bad", "--set", "stages.0.rate=1e30")
        #expect(nan.status == 1, "\(nan.errors)")
        for part in ["step ", " for the batch [face-", "no checkpoint was written yet"] {
            #expect(nan.errors.contains(part), "\(nan.errors)")
        }
    }
}
