import Faces
import Foundation
import NN
import Testing
import Torch
import Training
import Unmasking

/// A recogniser of random weights learns to see through masks.
@Suite struct RecogniserTrainingTests {
    private let folder = FileManager.default.temporaryDirectory.appending(
        path: "recogniser-\(UUID().uuidString)")
    private var weights: String { folder.appending(path: "edgeface.safetensors").path }

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try EdgeFace(in: Context(seed: 7)).save(to: weights)
    }

    private func training() -> RecogniserTraining {
        var training = RecogniserTraining()
        (training.batch, training.heldBack, training.averageDecay) = (8, 8, 0.5)
        (training.augmentation, training.identityAugmentation) = (.none, nil)
        (training.stages[0].steps, training.stages[0].rate) = (12, 1e-3)
        training.stages[0].maskShare = 1
        return training
    }

    @Test func maskedFacesComeToWhereTheyWereWithoutMasks() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let training = training()
        let data = try RecogniserData(TinyUnmasker.faces(count: 24, size: 128), training)
        let task = try RecogniserTask(data, weights: weights)
        let before = try task.validate()
        let (seen, kept) = (try #require(before["masked cosine"]), try #require(before["clean cosine"]))
        #expect(abs(kept - 1) < 1e-5, "the teacher and the averaged network start alike")
        #expect(seen < 0.999, "masks change what the recogniser sees")
        let loop = try TrainingLoop(
            task, loader: data.batches(), folder: folder.path, options: training.loopOptions(),
            configuration: training.json())
        _ = try loop.run()
        let after = try task.validate()
        let learnt = try #require(after["masked cosine"])
        #expect(1 - learnt < 0.5 * (1 - seen), "\(before) -> \(after)")
        #expect(try #require(after["margin"]) > #require(before["margin"]), "\(before) -> \(after)")

        // What was published is the averaged network, readable as the recogniser's weights, and no longer the teacher.
        let published = try SafeTensors.read(folder.appending(path: "recogniser.safetensors").path)
        let averaged = task.average.average.stateDictionary()
        let teacher = try SafeTensors.read(weights)
        #expect(Set(published.keys) == Set(teacher.keys))
        for (key, tensor) in published { #expect(try tensor.bytes() == averaged[key]?.bytes(), "\(key)") }
        #expect(
            try published.contains { try $0.value.bytes() != teacher[$0.key]?.bytes() })
        _ = try RecogniserModel.edgeface.load(
            weights: folder.appending(path: "recogniser.safetensors").path)
    }

    /// The teacher's embeddings stay what they were while the student learns, and a checkpoint brings them back whatever weights the
    /// task was made with.
    @Test func theTeacherStaysTheSame() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = try RecogniserData(TinyUnmasker.faces(count: 24, size: 128), training())
        let task = try RecogniserTask(data, weights: weights)
        let teacher = try #require(task.components.modules["teacher"])
        let student = try #require(task.components.modules["recogniser"])
        #expect(teacher.parameters().allSatisfy { !$0.requiresGrad })
        #expect(student.parameters().allSatisfy { $0.requiresGrad })

        let other = folder.appending(path: "other.safetensors").path
        try EdgeFace(in: Context(seed: 8)).save(to: other)
        let resumed = try RecogniserTask(data, weights: other)
        try resumed.components.load(task.components.tensors(), source: "test")
        try resumed.restore(extra: task.extraState())
        #expect(try resumed.validate() == task.validate())
        #expect(throws: TrainingError.self) { try resumed.restore(extra: ["queues": .zeros([1, 2])]) }
    }

    @Test func settingsThatCannotWorkAreNamed() {
        func refusal(_ change: (inout RecogniserTraining) -> Void) -> String {
            var training = RecogniserTraining()
            change(&training)
            do { try training.validate() } catch { return "\(error)" }
            return ""
        }
        #expect(refusal { _ in } == "")
        #expect(refusal { $0.stages[0].maskShare = 2 }.contains("maskShare 2"))
        #expect(refusal { $0.averageDecay = 1 }.contains("averageDecay 1"))
        #expect(refusal { $0.identityQueue = -1 }.contains("identityQueue -1"))
        #expect(refusal { $0.stages[0].identity = -1 }.contains("identity -1"))
        #expect(
            refusal { ($0.stages[0].identity, $0.stages[0].identityContrast.weight) = (0, 0) }
                .contains("one above 0"))
    }
}
