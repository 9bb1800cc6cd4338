import Faces
import Foundation
import Imaging
import NN
import Testing
import Torch
import Training
import Unmasking

/// `train recogniser` as a process that is killed and started again.
@Suite(.serialized) struct TrainRecogniserTests {
    private let folder: String
    private let runs: TrainingRun

    init() throws {
        folder = NSTemporaryDirectory() + "/train-recogniser-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try TrainLandmarksTests.faces().write(to: "\(folder)/faces.safetensors")
        try EdgeFace(in: Context(seed: 7)).save(to: "\(folder)/edgeface.safetensors")
        var training = RecogniserTraining()
        (training.batch, training.heldBack) = (4, 4)
        (training.logEvery, training.checkpointEvery, training.validateEvery) = (1, 3, 5)
        training.stages = [6, 4].map { steps in
            var stage = RecogniserStage()
            (stage.name, stage.steps) = ("\(steps)", steps)
            return stage
        }
        try training.write(to: "\(folder)/training.json5")
        runs = TrainingRun(
            folder: folder,
            command: [
                "train", "recogniser", "--data", "\(folder)/faces.safetensors", "--config",
                "\(folder)/training.json5",
            ])
    }

    @Test func killedRunsResumeToTheSameLossesAndWeights() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let weights = TrainingRun(
            folder: folder, command: runs.command + ["--weights", "\(folder)/edgeface.safetensors"])
        let whole = try weights.train("whole", [])
        #expect(whole.status == 0, "\(whole.errors)")
        for step in [4, 7] { try weights.trainAndKill("killed", after: step) }
        #expect(try weights.train("killed", ["--quiet"]).status == 0)
        let lines = try runs.curve("killed")
        #expect(lines.filter { $0.kind == .train }.map(\.step) == Array(1...10))
        #expect(try lines == runs.curve("whole"))
        for term in ["identity", "identity contrast", "masked cosine", "clean cosine", "margin"] {
            #expect(lines.contains { $0.values?[term] != nil }, "\(term)")
        }
        let networks = try ["whole", "killed"].map {
            try SafeTensors.read("\(folder)/\($0)/recogniser.safetensors").mapValues { try $0.bytes() }
        }
        #expect(networks[0] == networks[1])
    }

    @Test func whatIsMissingOrDoesNotFitIsNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let none = try runs.train("bad", [])
        #expect(none.status == 1 && none.errors.contains("--weights"), "\(none.errors)")
        let other = try runs.train("bad", ["--weights", "\(folder)/faces.safetensors"])
        #expect(other.status == 1 && other.errors.contains("faces.safetensors"), "\(other.errors)")
        let few = try runs.train("bad", ["--set", "batch=9", "--weights", "\(folder)/edgeface.safetensors"])
        #expect(few.status == 1 && few.errors.contains("12 faces, 4 of them held back"), "\(few.errors)")
        let misspelt = try runs.train("bad", ["--set", "recognizer=sface"])
        #expect(misspelt.status == 1 && misspelt.errors.contains("recognizer"), "\(misspelt.errors)")
    }
}
