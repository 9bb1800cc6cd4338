import Foundation
import NN
import Testing
import Torch
import Training
import Unmasking

/// Runs that go on from checkpoints of other runs, and from what versions before the training loop wrote.
@Suite struct UnmaskerCheckpointTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/adopt-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private static let stages = {
        var second = TinyUnmasker.stage("b", steps: 4)
        second.adversarial.weight = 0.05
        second.latentAdversarial = .init(weight: 0.1, rate: 1e-3)
        second.pathLength = .init(weight: 1, interval: 2)
        return [TinyUnmasker.stage("a", steps: 5, size: 16), second]
    }()

    private func train(_ training: UnmaskerTraining, in name: String, identity: IdentityLoss? = nil) throws
        -> [[String: Double]]
    {
        let task = try TinyUnmasker.task(training, identity: identity)
        try TrainingLoop(
            task, loader: UnmaskerData(TinyUnmasker.faces(), training).batches(), folder: "\(folder)/\(name)",
            options: training.loopOptions()
        ).run()
        return try MetricsLog.read("\(folder)/\(name)/log.jsonl").filter { $0.kind == .train }.map {
            $0.values ?? [:]
        }
    }

    /// The losses of a run that starts from a file.
    private func goOn(_ training: UnmaskerTraining, from path: String, in name: String) throws
        -> [[String: Double]]
    {
        var other = training
        other.seed = training.seed
        let networks = try UnmaskerNetworks(other, perceptual: nil, identity: nil, in: Context(seed: 99))
        let task = try UnmaskerTask(networks, data: UnmaskerData(TinyUnmasker.faces(), other))
        try CheckpointStore(folder: "\(folder)/\(name)/checkpoints").save(task.adopt(path))
        return try train(training, in: name)
    }

    @Test func anotherRunsCheckpointIsContinuedExactly() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var training = TinyUnmasker.training(Self.stages)
        training.checkpointEvery = 7
        let whole = try train(training, in: "whole")
        let rest = try goOn(
            training, from: "\(folder)/whole/checkpoints/step-00000007.safetensors", in: "rest")
        #expect(whole.count == 9 && rest == Array(whole[7...]))
        #expect(rest.allSatisfy { $0["latent discriminator"] != nil })
    }

    /// The queue of true faces is part of the checkpoint: without it the losses after it would be others.
    @Test func theQueueOfIdentitiesIsContinued() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var stage = TinyUnmasker.stage("a", steps: 8)
        stage.identity = 0.1
        stage.identityContrast = IdentityContrastLoss(weight: 0.05)
        var training = TinyUnmasker.training([stage])
        training.identityQueue = 10
        training.checkpointEvery = 5
        training.validateEvery = 8
        let whole = try train(training, in: "whole", identity: TinyUnmasker.pixelIdentity())
        let path = "\(folder)/whole/checkpoints/step-00000005.safetensors"
        #expect(try SafeTensors.read(path)["extra/identityQueue.0"]?.shape == [10, 192])
        let networks = try UnmaskerNetworks(
            training, perceptual: nil, identity: TinyUnmasker.pixelIdentity(), in: Context(seed: 99))
        let task = try UnmaskerTask(networks, data: UnmaskerData(TinyUnmasker.faces(), training))
        try CheckpointStore(folder: "\(folder)/rest/checkpoints").save(task.adopt(path))
        let rest = try train(training, in: "rest", identity: TinyUnmasker.pixelIdentity())
        #expect(whole.count == 8 && rest == Array(whole[5...]))
        let validation = try MetricsLog.read("\(folder)/whole/log.jsonl").last { $0.kind == .validation }
        #expect(try #require(validation?.values?["identity cosine"]) > 0)
        // More faces to be told from cost more: log 4 at most with the batch alone, were all alike.
        #expect(whole.allSatisfy { $0["contrast"] ?? 0 > 0 && $0["identity"] ?? 0 > 0 })
    }

    /// The old file: one flat dictionary of networks and optimisers, the step in the metadata.
    @Test func oldCheckpointsAreContinued() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let training = TinyUnmasker.training([TinyUnmasker.stage(steps: 6)])
        var half = training
        half.stages[0].steps = 4
        let whole = try train(training, in: "whole")
        _ = try train(half, in: "half")
        let new = try SafeTensors.read("\(folder)/half/checkpoints/step-00000004.safetensors")
        var old: [String: Tensor] = [:]
        for (key, tensor) in new {
            let parts = key.split(separator: "/").map(String.init)
            switch (parts[0], parts.count > 1 ? parts[1] : "") {
            case ("model", "model"): old["model.\(parts[2])"] = tensor
            case ("model", "discriminator"): old["discriminator.\(parts[2])"] = tensor
            case ("ema", _): old["average.\(parts[2])"] = tensor
            case ("optimizer", let name): old["optimizer.\(name).\(parts[2])"] = tensor
            default: break
            }
        }
        let path = "\(folder)/checkpoint.safetensors"
        try SafeTensors.write(
            old, to: path, metadata: ["format": "semblance-unmasker-checkpoint-1", "step": "4"])
        #expect(try goOn(training, from: path, in: "rest") == Array(whole[4...]))

        old["model.encoder.stem.weight"] = nil
        try SafeTensors.write(
            old, to: path, metadata: ["format": "semblance-unmasker-checkpoint-1", "step": "4"])
        let missing = #expect(throws: TorchError.self) { try TinyUnmasker.task(training).adopt(path) }
        #expect("\(try #require(missing))".contains("encoder.stem.weight"))
    }

    @Test func filesThatDoNotFitAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/other.safetensors"
        try SafeTensors.write(["x": Tensor.zeros([2])], to: path)
        let task = try TinyUnmasker.task(TinyUnmasker.training(Self.stages))
        let strange = #expect(throws: TrainingError.self) { try task.adopt(path) }
        #expect("\(try #require(strange))".contains("not a checkpoint"))

        _ = try train(TinyUnmasker.training(Self.stages), in: "whole")
        let short = try TinyUnmasker.task(TinyUnmasker.training([Self.stages[0]]))
        let beyond = #expect(throws: TrainingError.self) {
            try short.adopt("\(folder)/whole/checkpoints/step-00000009.safetensors")
        }
        #expect("\(try #require(beyond))".contains("beyond the 5 steps"))
    }

    @Test func stagesThatAreDoneMustKeepTheirSteps() throws {
        let training = TinyUnmasker.training(Self.stages)
        let data = try UnmaskerData(TinyUnmasker.faces(), training)
        let state = Checkpoint.State(step: 7, loader: try data.position(at: 7))
        try training.check(state, path: "run")
        var longer = training
        longer.stages.append(TinyUnmasker.stage(steps: 5))
        longer.stages[1].steps = 40
        try longer.check(state, path: "run")
        longer.stages[0].steps = 6
        let error = #expect(throws: UnmaskingError.self) { try longer.check(state, path: "run") }
        #expect("\(try #require(error))".contains("run stands at step 7"))
    }
}
