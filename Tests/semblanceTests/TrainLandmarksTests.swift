import Faces
import Foundation
import Imaging
import Testing
import Torch
import Training
import Unmasking

/// `train landmarks` as a process that is killed and started again.
@Suite(.serialized) struct TrainLandmarksTests {
    private let folder: String
    private let runs: TrainingRun

    init() throws {
        folder = NSTemporaryDirectory() + "/train-landmarks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.faces().write(to: "\(folder)/faces.safetensors")
        var training = LandmarkTraining()
        training.network.stageChannels = [4, 4, 4, 4]
        (training.network.stageBlocks, training.network.pyramidChannels) = (1, 4)
        (training.batch, training.heldBack) = (4, 4)
        (training.logEvery, training.checkpointEvery, training.validateEvery) = (1, 3, 5)
        training.stages = [8, 6].map { steps in
            var stage = LandmarkStage()
            (stage.name, stage.steps) = ("\(steps)", steps)
            return stage
        }
        try training.write(to: "\(folder)/training.json5")
        runs = TrainingRun(
            folder: folder,
            command: [
                "train", "landmarks", "--data", "\(folder)/faces.safetensors", "--config",
                "\(folder)/training.json5",
            ])
    }

    static func faces() throws -> AlignedFaces {
        var random = SampleRandom(seed: 8)
        let pixels = (0..<(12 * 3 * 128)).flatMap { _ in
            [UInt8](repeating: UInt8(random.below(200)), count: 128)
        }
        return try AlignedFaces(
            size: 128, names: (0..<12).map { "face-\($0).png" }, pixels: pixels,
            landmarks: Array(repeating: AlignmentTemplate.face128.landmarks, count: 12))
    }

    @Test func killedRunsResumeToTheSameLossesAndWeights() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let whole = try runs.train("whole", [])
        #expect(whole.status == 0, "\(whole.errors)")
        for step in [4, 9] { try runs.trainAndKill("killed", after: step) }
        #expect(try runs.train("killed", ["--quiet"]).status == 0)
        let lines = try runs.curve("killed")
        #expect(lines.filter { $0.kind == .train }.map(\.step) == Array(1...14))
        #expect(try lines == runs.curve("whole"))
        for term in ["distance", "eyes", "nose and mouth"] {
            #expect(lines.contains { $0.values?[term] != nil }, "\(term)")
        }
        let networks = try ["whole", "killed"].map {
            try SafeTensors.read("\(folder)/\($0)/landmarks.safetensors").mapValues { try $0.bytes() }
        }
        #expect(networks[0] == networks[1])
        let more = try runs.train(
            "more", ["--start", "\(folder)/whole/landmarks.safetensors", "--set", "seed=2", "--quiet"])
        #expect(more.status == 0, "\(more.errors)")
    }

    @Test func filesThatDoNotFitAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let other = try runs.train("bad", ["--start", "\(folder)/faces.safetensors"])
        #expect(other.status == 1 && other.errors.contains("not a landmark network"), "\(other.errors)")
        let few = try runs.train("bad", ["--set", "batch=9"])
        #expect(few.status == 1 && few.errors.contains("12 faces, 4 of them held back"), "\(few.errors)")
        let misspelt = try runs.train("bad", ["--set", "network.size=64"])
        #expect(misspelt.status == 1 && misspelt.errors.contains("network.size"), "\(misspelt.errors)")
    }
}
