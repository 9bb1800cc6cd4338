import Configuration
import Foundation
import Imaging
import NN
import ReID
import Testing
import Torch
import Training

/// Every configuration of `Configs/reid-*.json5`: it is read without complaint and trains, on a small network, pictures and people.
@Suite(.serialized) struct RecipeTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Configs")

    private static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("reid-") }
            .sorted()
    }

    @Test func everyPublishedRecipeIsThere() throws {
        #expect(
            try Set(Self.names()).isSuperset(of: [
                "reid-agw.json5", "reid-bot.json5", "reid-market.json5", "reid-sbs.json5",
            ]))
    }

    /// What each takes from its publication.
    @Test func recipesSayWhatTheyTake() throws {
        func load(_ name: String) throws -> ReIDTraining {
            try ReIDTraining.load(file: Self.folder.appending(path: name).path)
        }
        let bot = try load("reid-bot.json5")
        #expect(bot.network.backbone == .resNet50 && bot.network.pooling == .gap && bot.network.neck)
        #expect(bot.loss.classifier.kind == .softmax && bot.loss.triplet.margin == 0.3)
        #expect(bot.loss.centre.weight == 1e-3 && bot.totalSteps == 24000)
        // A tenth at the start, whole after the warm-up, a tenth and a hundredth after the milestones.
        let factors = [0, 2000, 7999, 8000, 14000].map { bot.schedule.factor(at: $0) }
        #expect(zip(factors, [0.1, 1, 1, 0.1, 0.01]).allSatisfy { abs($0 - $1) < 1e-9 }, "\(factors)")
        let agw = try load("reid-agw.json5")
        #expect(agw.network.nonLocal == .single && agw.network.pooling == .gem)
        #expect(agw.loss.triplet.kind == .weighted && agw.loss.triplet.margin == nil)
        #expect(agw.loss.centre.weight == 0)
        let sbs = try load("reid-sbs.json5")
        #expect(sbs.loss.classifier.kind == .circle && sbs.loss.triplet.margin == nil)
        #expect(sbs.frozenSteps == 1000 && sbs.augmentation.policy.probability == 0.1)
        #expect(abs(sbs.schedule.factor(at: 11999) - 0.002) < 1e-3 && sbs.schedule.factor(at: 6000) == 1)
    }

    @Test(arguments: try names()) func startsAndSteps(name: String) throws {
        var training = try ReIDTraining.load(file: Self.folder.appending(path: name).path)
        training.pretrained = false
        if training.network.backbone != .mobileNetV2 { training.network.backbone = .resNet18 }
        (training.identitiesPerBatch, training.imagesPerIdentity) = (3, 2)
        (training.workers, training.frozenSteps) = (0, min(training.frozenSteps, 1))
        training.heldOutPeople = 0
        for index in training.stages.indices {
            training.stages[index].steps = 1
            (training.stages[index].height, training.stages[index].width) = (64, 32)
        }
        let tree = try GeneratedTree()
        var images: [PersonImage] = []
        for person in 1...4 {
            for camera in 0..<2 {
                var image = Image(width: 24, height: 48, channels: 3, fill: UInt8(40 * person + 20 * camera))
                image.fill(Rect(x: 4, y: 8, width: 12, height: 20), colour: Colour.series[person])
                try tree.file("\(person)_\(camera).png", image.encodePNG())
                images.append(
                    PersonImage(path: tree.path("\(person)_\(camera).png"), person: person, camera: camera))
            }
        }
        let table = try AttributeTable(
            schema: AttributeSchema([.binary("hat")]), values: [1: [0], 2: [1], 3: [0], 4: [-1]])
        let data = PersonDataset(name: "made up", root: tree.root, train: images, attributes: table)
        let usesAttributes = training.loss.attributes.weight > 0
        let samples = try PersonSamples(data, attributes: usesAttributes ? table : nil, caches: true)
        let task = try ReIDTask(
            training, classes: samples.classCount, schema: usesAttributes ? table.schema : nil,
            attributeCounts: samples.attributeCounts(table.schema), pretrained: nil, validation: nil,
            in: Context(seed: training.seed))
        let before = try task.network.stateDictionary().mapValues { try $0.to(dtype: .float32).floats() }
        for (index, stage) in training.stages.enumerated() {
            let loader = try samples.loader(stage, of: training, index: index, device: .cpu)
            defer { loader.close() }
            let batch = try #require(try loader.next())
            let context = StepContext(
                step: index, items: batch.names, optimizers: task.components.optimizers)
            try task.step(batch, context)
            let terms = ["softmax", "triplet"] + (training.loss.centre.weight > 0 ? ["centre"] : [])
            for term in terms { #expect(context.values[term] ?? .nan > 0, "\(term)") }
        }
        let after = try task.network.stateDictionary().mapValues { try $0.to(dtype: .float32).floats() }
        #expect(after["neck.weight"] != before["neck.weight"])
        #expect(after.values.joined().allSatisfy { $0.isFinite })
    }
}
