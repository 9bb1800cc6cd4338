import Configuration
import Foundation
import Imaging
import NN
import ReID
import Testing
import Torch
import Training

/// The whole trainer on a made-up data set: eight people, each with clothes of two colours, seen by two cameras.
@Suite struct ReIDTrainingTests {
    static let people = 8
    static let imagesPerPerson = 4

    private final class Folder {
        let path = NSTemporaryDirectory() + "semblance-reid-\(UUID().uuidString)"
        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func dataset(in folder: Folder) throws -> PersonDataset {
        var images: [PersonImage] = []
        var random = SampleRandom(seed: 5)
        for person in 0..<people {
            let colours = (0..<6).map { _ in UInt8(random.below(256)) }
            for number in 0..<imagesPerPerson {
                var image = Image(width: 32, height: 64, channels: 3)
                for y in 0..<64 {
                    for x in 0..<32 {
                        for channel in 0..<3 {
                            let clothes = Int(colours[(y < 32 ? 0 : 3) + channel])
                            image.pixels[(y * 32 + x) * 3 + channel] = UInt8(
                                min(255, max(0, clothes + random.below(21) - 10)))
                        }
                    }
                }
                let path = "\(folder.path)/\(person)_\(number).png"
                try image.writePNG(path)
                images.append(PersonImage(path: path, person: person + 1, camera: number % 2))
            }
        }
        let attributes = try AttributeTable(
            schema: AttributeSchema([.binary("hat"), .init(name: "age", classes: ["a", "b", "c"])]),
            values: Dictionary(
                uniqueKeysWithValues: (0..<people - 1).map { ($0 + 1, [$0 % 2, $0 % 4 == 3 ? -1 : $0 % 3]) }))
        return PersonDataset(name: "made up", root: folder.path, train: images, attributes: attributes)
    }

    private static func configuration(_ overrides: [String] = []) throws -> ReIDTraining {
        try ReIDTraining.load(
            json5: """
                {
                    pretrained: false, identitiesPerBatch: 4, imagesPerIdentity: 2, rate: 1e-3,
                    averageDecay: 0.5, logEvery: 1, checkpointEvery: 2, network: { embedding: 32 },
                    loss: { attributes: { weight: 0.5 } },
                    stages: [
                        { name: "small", steps: 3, height: 32, width: 32, padding: 2 },
                        { name: "large", steps: 3, height: 64, width: 32, padding: 4, erasing: 0 },
                    ],
                }
                """, overrides: overrides)
    }

    private static func task(_ configuration: ReIDTraining, _ samples: PersonSamples, _ data: PersonDataset)
        throws -> ReIDTask
    {
        let schema = configuration.loss.attributes.weight > 0 ? data.attributes?.schema : nil
        return try ReIDTask(
            configuration, classes: samples.classCount, schema: schema,
            attributeCounts: schema.map { samples.attributeCounts($0) } ?? [], pretrained: nil,
            validation: configuration.heldOutPeople > 0
                ? ReIDValidation(query: data.query, gallery: data.gallery, height: 64, width: 32) : nil,
            in: Context(seed: configuration.seed))
    }

    private static func loop(
        _ configuration: ReIDTraining, _ data: PersonDataset, in folder: String,
        cancelAfter limit: Int = .max
    ) throws -> (TrainingLoop, ReIDTask) {
        let samples = try PersonSamples(data, attributes: data.attributes, caches: true)
        let task = try task(configuration, samples, data)
        let loader = try StagedBatches(
            configuration.stages.enumerated().map { index, stage in
                StagedBatches.Stage(batches: stage.steps) {
                    try samples.loader(stage, of: configuration, index: index, device: .cpu)
                }
            })
        var options = LoopOptions(steps: configuration.totalSteps)
        options.logEvery = 1
        options.checkpointEvery = 2
        options.validateEvery = configuration.validateEvery
        var asked = 0
        let loop = try TrainingLoop(
            task, loader: loader, folder: folder, options: options, configuration: configuration.json()
        ) {
            asked += 1
            return asked > limit
        }
        return (loop, task)
    }

    private static func lines(_ folder: String) throws -> [MetricsLog.Line] {
        try MetricsLog.read("\(folder)/log.jsonl").filter { $0.kind == .train }
    }

    @Test("an interrupted run gives the same losses as a whole one, over the change of stage")
    func resume() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder)
        let configuration = try Self.configuration()
        let (whole, _) = try Self.loop(configuration, data, in: folder.path + "/whole")
        #expect(try whole.run().step == 6)
        for limit in [2, 3, .max] {
            try Self.loop(configuration, data, in: folder.path + "/parts", cancelAfter: limit).0.run()
        }
        let (one, other) = (try Self.lines(folder.path + "/whole"), try Self.lines(folder.path + "/parts"))
        #expect(one.map(\.step) == Array(1...6))
        #expect(one.map(\.values) == other.map(\.values))
        #expect(
            one.allSatisfy {
                ($0.values ?? [:]).keys.contains("softmax") && ($0.values ?? [:]).keys.contains("attributes")
            })
    }

    @Test("the losses fall, and the classes become known") func learns() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder)
        let configuration = try Self.configuration([
            "stages=[{\"steps\": 30, \"height\": 32, \"width\": 32, \"padding\": 0, \"erasing\": 0, \"decay\": \"constant\"}]"
        ])
        try Self.loop(configuration, data, in: folder.path + "/run").0.run()
        let lines = try Self.lines(folder.path + "/run")
        let first = lines[..<5].compactMap { $0.values?["softmax"] }.reduce(0, +)
        let last = lines[25...].compactMap { $0.values?["softmax"] }.reduce(0, +)
        #expect(last < 0.6 * first)
    }

    @Test("a frozen backbone keeps its weights and statistics while the head learns") func frozen() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder)
        let configuration = try Self.configuration(["frozenSteps=2"])
        let (loop, task) = try Self.loop(configuration, data, in: folder.path + "/run", cancelAfter: 2)
        func clone() throws -> [String: [Float]] {
            try task.network.stateDictionary().mapValues { try $0.floats() }
        }
        let before = try clone()
        try loop.run()
        let after = try clone()
        for (key, value) in before where key.hasPrefix("backbone.") {
            #expect(after[key] == value, "\(key) changed")
        }
        #expect(before["embedding.weight"] != after["embedding.weight"])

        let (second, trained) = try Self.loop(configuration, data, in: folder.path + "/run", cancelAfter: 1)
        try second.run()
        let moved = try trained.network.stateDictionary()["backbone.features.0.0.weight"]?.floats()
        #expect(moved != before["backbone.features.0.0.weight"])
    }

    @Test("frozen layers keep weights and statistics while the others learn, also after frozen steps")
    func frozenLayers() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder)
        let configuration = try Self.configuration([
            "frozenLayers=[\"features.0\", \"features.1\"]", "frozenSteps=1",
        ])
        let (loop, task) = try Self.loop(configuration, data, in: folder.path + "/run")
        func clone() throws -> [String: [Float]] {
            try task.network.backbone.stateDictionary().mapValues { try $0.floats() }
        }
        let before = try clone()
        try loop.run()
        let after = try clone()
        for (key, value) in before {
            let isFrozen = key.hasPrefix("features.0.") || key.hasPrefix("features.1.")
            if isFrozen || key.hasSuffix(".weight") { #expect((after[key] == value) == isFrozen, "\(key)") }
        }
        let wrong = try Self.configuration(["frozenLayers=[\"features.77\"]"])
        #expect {
            try Self.loop(wrong, data, in: folder.path + "/wrong")
        } throws: {
            "\($0)".contains("features.77")
        }
    }

    @Test("a run goes on from a trained model, with its network and attribute heads") func fromModel() throws
    {
        let folder = try Folder()
        let data = try Self.dataset(in: folder)
        let configuration = try Self.configuration()
        let (loop, task) = try Self.loop(configuration, data, in: folder.path + "/run")
        try loop.run()
        let schema = data.attributes?.schema
        let model = try task.trainedModel(height: 64, width: 32, schema: schema)
        let samples = try PersonSamples(data, attributes: data.attributes, caches: true)
        func start(_ configuration: ReIDTraining) throws -> ReIDTask {
            try ReIDTask(
                configuration, classes: samples.classCount, schema: schema,
                attributeCounts: schema.map { samples.attributeCounts($0) } ?? [], pretrained: nil,
                start: model, validation: nil, in: Context(seed: 99))
        }
        let next = try start(configuration)
        for (one, other) in [(model.network, next.network), (model.network, next.model)] {
            let state = other.stateDictionary()
            for (key, tensor) in one.stateDictionary() {
                #expect(try state[key]?.floats() == tensor.floats(), "\(key)")
            }
        }
        let heads = next.loss.attributes?.stateDictionary()
        for (key, tensor) in try #require(model.attributeHeads).stateDictionary() {
            #expect(try heads?[key]?.floats() == tensor.floats(), "\(key)")
        }
        #expect {
            _ = try start(Self.configuration(["network.embedding=16"]))
        } throws: {
            "\($0)".contains("expected the same")
        }
    }

    @Test("validation leaves a frozen backbone frozen") func frozenAfterValidation() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder).holdingOut(people: 3, seed: 1)
        let configuration = try Self.configuration(["frozenSteps=4", "heldOutPeople=3", "validateEvery=1"])
        let (loop, task) = try Self.loop(configuration, data, in: folder.path + "/run", cancelAfter: 3)
        let before = try task.network.backbone.stateDictionary().mapValues { try $0.floats() }
        try loop.run()
        #expect(try task.network.backbone.stateDictionary().mapValues { try $0.floats() } == before)
    }

    @Test("held-out people are validated on") func validates() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder).holdingOut(people: 3, seed: 1)
        #expect(Set(data.train.map(\.person)).count == 5)
        let configuration = try Self.configuration(["heldOutPeople=3", "validateEvery=3"])
        let outcome = try Self.loop(configuration, data, in: folder.path + "/run").0.run()
        #expect(outcome.history.validations.map(\.step) == [3, 6])
        for validation in outcome.history.validations {
            #expect(Set(validation.values.keys) == ["mAP", "rank-1"])
            #expect(validation.values.values.allSatisfy { (0...1).contains($0) })
        }
    }

    @Test("a model file gives back the trained embedding and attribute heads") func modelFile() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder)
        let configuration = try Self.configuration()
        let (loop, task) = try Self.loop(configuration, data, in: folder.path + "/run")
        try loop.run()
        let model = try task.trainedModel(height: 64, width: 32, schema: data.attributes?.schema)
        let path = folder.path + "/model.safetensors"
        try model.write(to: path, metadata: ["data": "made up"])
        let read = try ReIDModel.read(path)
        #expect(read.configuration == model.configuration)
        #expect(read.attributeHeads?.heads.map(\.classes) == [2, 3])
        let images = try Tensor.rand([2, 3, 64, 32], generator: Generator(seed: 1))
        task.model.evaluate()
        let (one, other) = try (
            task.model.embedding(images).floats(), read.network.embedding(images).floats()
        )
        // fp16 weights.
        #expect(zip(one, other).allSatisfy { abs($0 - $1) < 5e-3 })
        #expect(one.contains { abs($0) > 0.01 })

        let other2 = folder.path + "/other.safetensors"
        try SafeTensors.write(["x": Tensor.zeros([1])], to: other2)
        #expect(throws: ReIDError.self) { try ReIDModel.read(other2) }
    }

    @Test("a broken picture stops training with its name; the checkpoint stays") func brokenPicture() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder)
        for image in data.train where image.person > 4 {
            try Data("no picture".utf8).write(to: URL(fileURLWithPath: image.path))
        }
        let (loop, _) = try Self.loop(Self.configuration(), data, in: folder.path + "/run")
        #expect {
            try loop.run()
        } throws: {
            "\($0)".contains(".png") && "\($0)".contains(folder.path)
        }
    }

    @Test(
        "settings that cannot work are refused, naming them",
        arguments: [
            (["heldOutPeople=0", "validateEvery=5"], "heldOutPeople"), (["rate=0"], "rate 0"),
            (["identitiesPerBatch=0"], "identitiesPerBatch 0"), (["stages=[]"], "stages"),
            (["stages.0.steps=0"], "steps 0"), (["loss.classifier.weight=-1"], "classifier.weight"),
            (["los.triplet.margin=1"], "loss"), (["averageDecay=1"], "averageDecay"),
        ])
    func refused(overrides: [String], words: String) {
        #expect {
            try Self.configuration(overrides)
        } throws: {
            "\($0)".contains(words)
        }
    }

    @Test("more people per batch than there are is refused") func tooManyPeople() throws {
        let folder = try Folder()
        let data = try Self.dataset(in: folder)
        let (loop, _) = try Self.loop(
            Self.configuration(["identitiesPerBatch=9"]), data, in: folder.path + "/run")
        #expect {
            try loop.run()
        } throws: {
            "\($0)".contains("P = 9")
        }
    }

    @Test("the schedule of the stages") func schedule() throws {
        let configuration = try ReIDTraining.load(
            json5: """
                { stages: [
                    { steps: 3, warmUp: 2, decay: "constant" },
                    { steps: 3, decay: "step", milestones: [1], rateFactor: 0.5 },
                ] }
                """)
        let factors = (0..<6).map { configuration.schedule.factor(at: $0) }
        let expected = [0.1, 0.55, 1, 0.5, 0.05, 0.05]
        #expect(zip(factors, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }
}
