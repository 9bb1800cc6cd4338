import Foundation
import Imaging
import ReID
import Testing
import Torch

/// `train reid` as a user runs it, on a small drawn data set in Market-1501's layout: the outcome of good and of bad data.
@Suite(.serialized) final class TrainReIDTests {
    private let root: String

    init() throws {
        root = NSTemporaryDirectory() + "semblance-train-reid-\(UUID().uuidString)"
        for part in ["bounding_box_train", "query", "bounding_box_test"] {
            try FileManager.default.createDirectory(
                atPath: "\(root)/data/\(part)", withIntermediateDirectories: true)
        }
        // Person 6 has one image only.
        for person in 2...6 {
            for camera in 1...(person == 6 ? 1 : 2) { try write("bounding_box_train", person, camera) }
        }
        try write("query", 1, 1)
        try write("bounding_box_test", 1, 2)
        try Data("person,hat,age\n2,no,young\n3,yes,adult\n4,no,old\n5,yes,young\n1,no,old\n".utf8)
            .write(to: URL(filePath: root + "/attributes.csv"))
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    private func name(_ person: Int, _ camera: Int) -> String {
        String(format: "%04d_c%ds1_%06d_00.jpg", person, camera, 100 * person + camera)
    }

    private func write(_ part: String, _ person: Int, _ camera: Int) throws {
        var photo = Image(width: 24, height: 48, channels: 3, fill: UInt8(90 + 30 * camera))
        photo.fill(Rect(x: 4, y: 12, width: 16, height: 16), colour: Colour.series[person % 7])
        try photo.writeJPEG("\(root)/data/\(part)/\(name(person, camera))", quality: 95)
    }

    private func train(_ more: [String] = [], attributes: Bool = true, run: String = "run") throws
        -> SemblanceProcess
    {
        try SemblanceProcess(
            ["train", "reid", "--data", root + "/data", "-o", "\(root)/\(run)"]
                + (attributes ? ["--attributes", root + "/attributes.csv"] : [])
                + [
                    "network.embedding=8", "pretrained=false", "identitiesPerBatch=3", "imagesPerIdentity=2",
                    "loss.attributes.weight=0.2", "checkpointEvery=1", "logEvery=1", "stages.0.steps=2",
                    "stages.0.height=32", "stages.0.width=32",
                ].flatMap { ["--set", $0] } + more)
    }

    private var checkpoints: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root + "/run/checkpoints")) ?? []).sorted()
    }

    @Test("a person with one image takes part, and one without attributes too; both are said")
    func poorData() throws {
        let process = try train()
        #expect(process.status == 0, "\(process.errors)")
        #expect(process.errors.contains("1 person (6) with a single image"), "\(process.errors)")
        #expect(process.errors.contains("1 person (6) without attributes, taken as unknown"))
        let model = try ReIDModel.read(root + "/run/model.safetensors")
        // Images of people 2 to 5; person 6 is unknown.
        #expect(model.configuration.attributes?.attributes.map(\.name) == ["hat", "age"])
        #expect(model.configuration.attributeCounts == [[4, 4], [2, 2, 4]])
        #expect(model.configuration.attributeFeature == .neck)
    }

    @Test("more images per person than anybody has, and cameras by weight")
    func manyImagesAndCameras() throws {
        let process = try train([
            "--set", "imagesPerIdentity=5", "--set", "batches=\"cameras\"", "--set",
            "cameraWeights={\"1\": 2}", "--set", "stages.0.steps=1",
        ])
        #expect(process.status == 0, "\(process.errors)")
        let unknown = try train(
            ["--set", "batches=\"cameras\"", "--set", "cameraWeights={\"9\": 2}"], run: "other")
        #expect(unknown.status == 1 && unknown.errors.contains("no sample is of set 8"), "\(unknown.errors)")
        let meaningless = try train(["--set", "cameraWeights={\"1\": 2}"], run: "other")
        #expect(meaningless.status != 0 && meaningless.errors.contains("choose batches 'cameras'"))
    }

    @Test("a loss that is not finite stops with step, batch and term; the checkpoint stays")
    func notFinite() throws {
        let process = try train([
            "--set", "rate=1e30", "--set", "stages.0.steps=50", "--set", "stages.0.decay=\"constant\"",
        ])
        #expect(process.status == 1)
        #expect(
            process.errors.contains(/step \d+: (softmax|triplet|attributes|gradient norm\/all) is (nan|inf)/),
            "\(process.errors)")
        #expect(process.errors.contains("for the batch [") && process.errors.contains("_c1s1_"))
        #expect(process.errors.contains("is kept: resume from it with a lower rate"), "\(process.errors)")
        #expect(!checkpoints.isEmpty)
        for name in checkpoints {
            #expect(process.errors.contains(name) || checkpoints.count > 1)
        }
        #expect(!FileManager.default.fileExists(atPath: root + "/run/model.safetensors"))
    }

    @Test("a broken picture stops with its name; what was trained before it stays")
    func brokenPicture() throws {
        #expect(try train(["--set", "stages.0.steps=1"]).status == 0)
        let kept = checkpoints
        #expect(!kept.isEmpty)
        for person in 2...5 {
            try Data("no picture".utf8).write(
                to: URL(filePath: "\(root)/data/bounding_box_train/\(name(person, 1))"))
        }
        let process = try train(["--set", "stages.0.steps=30"])
        #expect(process.status == 1)
        #expect(process.errors.contains(/000[2345]_c1s1_\d+_00\.jpg/), "\(process.errors)")
        #expect(Set(checkpoints).isSuperset(of: kept))
    }

    @Test("gradients are measured from where the backbone is no longer frozen")
    func gradientsAfterFrozenSteps() throws {
        let process = try train(["--set", "frozenSteps=1", "--set", "diagnoseEvery=1"])
        #expect(process.status == 0, "\(process.errors)")
        #expect(try GradientHistory.read(root + "/run/gradients.json").reports.map(\.step) == [1])
    }

    @Test("settings and data that do not fit together are refused")
    func refused() throws {
        let none = try train(attributes: false)
        #expect(none.status == 64)
        #expect(
            none.errors.contains("--attributes FILE, or --set loss.attributes.weight=0"), "\(none.errors)")
        let people = try train(["--set", "identitiesPerBatch=6"])
        #expect(
            people.status == 1 && people.errors.contains("P = 6 identities per batch"), "\(people.errors)")
        let attention = try train(["--set", "network.nonLocal=\"half\""])
        #expect(attention.status == 1 && attention.errors.contains("is for ResNets"), "\(attention.errors)")
        let both = try train(["--weights", "a", "--from-model", "b"])
        #expect(both.status == 64 && both.errors.contains("from-model"), "\(both.errors)")
        let weights = try train(["--weights", "/nowhere.safetensors"])
        #expect(weights.status == 1 && weights.errors.contains("/nowhere.safetensors"), "\(weights.errors)")
    }
}
