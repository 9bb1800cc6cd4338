import Foundation
import NN
import Testing
import Torch
import Training
import TrainingProbe

@Suite struct CheckpointTests {
    private static func checkpoint(step: Int, value: Double = 1) throws -> Checkpoint {
        Checkpoint(state: .init(step: step), tensors: ["model/net/weight": try .full([2], value)])
    }

    @Test func roundTripKeepsEverything() throws {
        let folder = try TemporaryFolder()
        var means = RunningMeans()
        means.add(["loss": 0.1])
        means.add(["loss": 0.2, "other": 1 / 3])
        let state = Checkpoint.State(
            step: 12, seconds: 3.25,
            loader: .init(sampler: "sequential(…)", seed: .max, epoch: 3, batch: 4),
            configuration: #"{"rate": 0.1, "name": "größe"}"#, means: means)
        try Checkpoint(state: state, tensors: ["generator/g": Generator(seed: 3).state()]).write(
            to: folder.path + "/c.safetensors")
        let read = try Checkpoint.read(folder.path + "/c.safetensors")
        #expect(read.state.step == 12 && read.state.seconds == 3.25)
        #expect(read.state.loader == state.loader)
        #expect(read.state.configuration == state.configuration)
        #expect(read.state.means == means)
        #expect(try read.tensors["generator/g"]?.bytes() == Generator(seed: 3).state().bytes())
        #expect(folder.names == ["c.safetensors"])
    }

    @Test func keepsTheNewestAndTheBest() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore(folder: folder.path, keep: 2)
        for step in [1, 5, 20, 100] {
            try store.save(Self.checkpoint(step: step, value: Double(step)), isBest: step == 5)
        }
        #expect(
            folder.names == ["best.safetensors", "step-00000020.safetensors", "step-00000100.safetensors"])
        #expect(try Checkpoint.read(store.bestPath).tensors["model/net/weight"]?.floats() == [5, 5])
        #expect(store.latest()?.checkpoint.state.step == 100)
    }

    @Test func aDamagedCheckpointIsPassedOver() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore(folder: folder.path)
        try store.save(Self.checkpoint(step: 1))
        let newer = try store.save(Self.checkpoint(step: 2))
        let bytes = try Data(contentsOf: URL(filePath: newer))
        try bytes.dropLast(3).write(to: URL(filePath: newer))
        let found = try #require(store.latest())
        #expect(found.checkpoint.state.step == 1)
        #expect(found.damaged.count == 1 && found.damaged[0].contains(newer))
    }

    @Test func unfinishedFilesOfAKilledProcessAreRemoved() throws {
        let folder = try TemporaryFolder()
        try Data([1]).write(to: URL(filePath: folder.path + "/step-00000003.safetensors.123.tmp"))
        let store = try CheckpointStore(folder: folder.path)
        #expect(folder.names.isEmpty && store.latest() == nil)
    }

    @Test func otherFilesAreNotCheckpoints() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/weights.safetensors"
        try SafeTensors.write(["w": .ones([1])], to: path)
        #expect(message { _ = try Checkpoint.read(path) }.contains("not a checkpoint of a training run"))
        #expect(message { _ = try Checkpoint.read(folder.path + "/none") }.contains("no such file"))
        try SafeTensors.write(
            ["w": .ones([1])], to: path,
            metadata: ["format": "semblance-checkpoint-1", "state": #"{"step": "x"}"#])
        #expect(message { _ = try Checkpoint.read(path) }.contains("its state cannot be decoded"))
    }

    @Test func componentsAreLoadedStrictly() throws {
        let components = try ShapesTask(seed: 1, steps: 5).components
        var tensors = try components.tensors()
        #expect(
            Set(tensors.keys.map { $0.split(separator: "/").prefix(2).joined(separator: "/") }) == [
                "model/classifier", "ema/classifier", "generator/network",
            ])
        for key in tensors.keys where key.hasPrefix("ema/") { tensors[key] = nil }
        tensors["model/critic/weight"] = try .ones([1])
        #expect(
            message { try components.load(tensors, source: "c.safetensors") }
                == #"c.safetensors: holds another kind of run: missing ["ema/classifier"], unknown ["model/critic"]"#
        )
        tensors = try components.tensors()
        tensors["model/classifier/head.bias"] = try .zeros([9])
        tensors["model/classifier/head.weight"] = nil
        let text = message { try components.load(tensors, source: "c.safetensors") }
        #expect(text.contains("c.safetensors (model/classifier)"), "\(text)")
        #expect(text.contains("head.weight") && text.contains("head.bias") && text.contains("[9]"), "\(text)")
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(filePath: folder.path + "/file"))
        #expect(
            message { _ = try CheckpointStore(folder: folder.path + "/file/checkpoints") }
                .hasPrefix("\(folder.path)/file/checkpoints: the folder cannot be made"))
    }
}
