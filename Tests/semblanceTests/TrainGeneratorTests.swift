import Faces
import Foundation
import Testing
import Torch
import Training
import Unmasking

/// `train generator` as a process that is killed and started again, and what other commands do with its result.
@Suite(.serialized) struct TrainGeneratorTests {
    private let folder: String
    private let runs: TrainingRun

    init() throws {
        folder = NSTemporaryDirectory() + "/train-generator-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try TrainUnmaskerTests.faces().write(to: "\(folder)/faces.safetensors")
        try Self.training().write(to: "\(folder)/training.json5")
        runs = TrainingRun(
            folder: folder,
            command: [
                "train", "generator", "--data", "\(folder)/faces.safetensors", "--config",
                "\(folder)/training.json5",
            ])
    }

    /// Small pictures first; augmentation from the start, adjusted every second step.
    private static func training() -> GeneratorTraining {
        var training = GeneratorTraining()
        training.generator = TrainUnmaskerTests.training().networks.generator
        training.discriminator = TrainUnmaskerTests.training().discriminator
        (training.batch, training.heldBack) = (4, 8)
        (training.logEvery, training.checkpointEvery, training.validateEvery) = (1, 3, 5)
        (training.sheetEvery, training.r1Interval, training.pathInterval) = (7, 4, 3)
        (training.augmentation.initial, training.augmentation.interval) = (0.3, 2)
        training.augmentation.images = 200
        training.stages = [16, 32].map { size in
            var stage = GeneratorStage()
            (stage.name, stage.steps, stage.size, stage.r1) = ("at \(size)", 12, size, 1)
            return stage
        }
        return training
    }

    @Test func killedRunsResumeToTheSameLossesAndWeights() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let whole = try runs.train("whole", [])
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(whole.output.contains("finished at step 24 of 24"))
        for step in [4, 14] { try runs.trainAndKill("killed", after: step) }
        #expect(try runs.train("killed", ["--quiet"]).status == 0)
        let lines = try runs.curve("killed")
        #expect(lines.filter { $0.kind == .train }.map(\.step) == Array(1...24))
        #expect(try lines == runs.curve("whole"))
        for term in ["discriminator", "generator", "r1", "path length", "overfitting r_t", "kid alexnet"] {
            #expect(lines.contains { $0.values?[term] != nil }, "\(term)")
        }
        let probabilities = Set(lines.compactMap { $0.values?["augmentation p"] })
        #expect(probabilities.count > 1, "\(probabilities)")
        let last = try ["whole", "killed"].map {
            try SafeTensors.read("\(folder)/\($0)/checkpoints/step-00000024.safetensors").mapValues {
                try $0.bytes()
            }
        }
        #expect(last[0] == last[1])
        for name in ["config.json", "losses.png", "validation.png", "samples/step-00000021.png"] {
            #expect(FileManager.default.fileExists(atPath: "\(folder)/killed/\(name)"), "\(name)")
        }

        let generator = "\(folder)/killed/generator.safetensors"
        let drawn = try SemblanceProcess(
            ["generate", "--model", generator, "--seeds", "1-2", "-o", "\(folder)/drawn", "--json"])
        #expect(drawn.status == 0, "\(drawn.errors)")
        #expect(FileManager.default.fileExists(atPath: "\(folder)/drawn/seed2.png"))
        try startUnmasker(from: generator)

        let longer = try runs.train("killed", ["--set", "stages.0.steps=11"])
        #expect(longer.status == 1 && longer.errors.contains("must keep their steps"), "\(longer.errors)")
        let second = try runs.train("second", ["--start", generator, "--json", "--set", "seed=5"])
        #expect(second.status == 0, "\(second.errors)")
        let third = try runs.train("third", ["--start", "\(folder)/unmasker/model.safetensors", "--json"])
        #expect(third.status == 0, "\(third.errors)")
    }

    /// A frozen generator stays, bit for bit, what it was.
    private func startUnmasker(from generator: String) throws {
        var training = TrainUnmaskerTests.training()
        training.stages = [training.stages[1]]
        (training.stages[0].steps, training.stages[0].freezesGenerator) = (4, true)
        try training.write(to: "\(folder)/unmasker.json5")
        let process = try SemblanceProcess([
            "train", "unmasker", "--data", "\(folder)/faces.safetensors", "--config",
            "\(folder)/unmasker.json5", "--generator", generator, "-o", "\(folder)/unmasker",
        ])
        #expect(process.status == 0, "\(process.errors)")
        let state = try SafeTensors.read("\(folder)/unmasker/checkpoints/step-00000004.safetensors")
        for (key, tensor) in try GeneratorModel.read(generator).generator.stateDict() {
            #expect(try state["model/model/generator.\(key)"]?.bytes() == tensor.bytes(), "\(key)")
        }
        let both = try SemblanceProcess([
            "train", "unmasker", "--data", "x", "-o", "y", "--generator", "a", "--from-checkpoint", "b",
        ])
        #expect(both.status == 64, "\(both.errors)")
    }

    @Test func facesAndFilesThatDoNotFitAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let size = try runs.train(
            "bad",
            ["--set", "generator.size=16", "--set", "discriminator.size=16", "--set", "stages.1.size=16"])
        #expect(size.status == 1 && size.errors.contains("faces of 32 px"), "\(size.errors)")
        let few = try runs.train("bad", ["--set", "batch=25"])
        #expect(few.status == 1 && few.errors.contains("24 faces, 8 of them held back"), "\(few.errors)")
        let other = try runs.train("bad", ["--start", "\(folder)/faces.safetensors"])
        #expect(other.status == 1 && other.errors.contains("not a generator"), "\(other.errors)")
        let misspelt = try runs.train("bad", ["--set", "augmentation.targit=0.5"])
        #expect(misspelt.status == 1 && misspelt.errors.contains("target"), "\(misspelt.errors)")
    }
}
