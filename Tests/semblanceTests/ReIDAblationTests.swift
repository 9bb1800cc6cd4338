import Foundation
import Imaging
import Testing

/// `Experiments/reid-ablation/run` with the real command on a small drawn data set: in slices, finished runs left alone.
@Suite(.serialized) final class ReIDAblationTests {
    private let root: String
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Experiments/reid-ablation/run").path

    init() throws {
        root = NSTemporaryDirectory() + "semblance-ablation-\(UUID().uuidString)"
        func write(_ part: String, _ person: Int, _ camera: Int) throws {
            try FileManager.default.createDirectory(
                atPath: "\(root)/data/\(part)", withIntermediateDirectories: true)
            var photo = Image(width: 24, height: 48, channels: 3, fill: UInt8(90 + 30 * camera))
            photo.fill(Rect(x: 4, y: 12, width: 16, height: 16), colour: Colour.series[person % 7])
            let name = String(format: "%04d_c%ds1_%06d_00.jpg", person, camera, person)
            try photo.writeJPEG("\(root)/data/\(part)/\(name)", quality: 95)
        }
        for person in 1...4 { for camera in 1...2 { try write("bounding_box_train", person, camera) } }
        for person in 5...7 {
            try write("query", person, 1)
            try write("bounding_box_test", person, 2)
        }
        try Data("person,hat\n1,no\n2,yes\n3,no\n4,yes\n5,no\n6,yes\n7,no\n".utf8)
            .write(to: URL(filePath: root + "/attributes.csv"))
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    private func run(_ more: [String] = [], steps: Int = 4) throws -> SemblanceProcess {
        try SemblanceProcess(
            [
                "--semblance", SemblanceProcess.binary.path, "--data", root + "/data", "--attributes",
                root + "/attributes.csv", "-o", root + "/out", "--seeds", "1",
            ]
                + [
                    "network.embedding=8", "pretrained=false", "identitiesPerBatch=3", "imagesPerIdentity=2",
                    "stages.0.steps=\(steps)", "stages.0.height=32", "stages.0.width=32", "diagnoseEvery=1",
                    "checkpointEvery=1", "frozenSteps=0",
                ].flatMap { ["--set", $0] } + more, launcher: ["python3", Self.script], omitsProgram: true)
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(root)/out/\(name)"), encoding: .utf8)
    }

    @Test("a slice ends with a checkpoint, the next goes on, what is finished is not done again")
    func slices() throws {
        // So little time that training stops before its end.
        let first = try run(["--only", "joint", "--minutes", "0.00001"])
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.errors.contains("not finished in 1e-05 minutes: joint-1"), "\(first.errors)")
        #expect(!FileManager.default.fileExists(atPath: root + "/out/joint-1/evaluation.json"))

        let second = try run(["--only", "joint", "--only", "joint-attributes"])
        #expect(second.status == 0, "\(second.errors)")
        let model = URL(filePath: root + "/out/joint-1/model.safetensors")
        let bytes = try Data(contentsOf: model)
        let written = try FileManager.default.attributesOfItem(atPath: model.path)[.modificationDate] as? Date
        #expect(try text("joint-1/training.json").contains("finished"))
        let table = try text("table.md")
        #expect(
            table.contains("| joint, no margin | ") && table.contains("| joint, no margin, attributes | "))
        #expect(!table.contains("normalised softmax"))
        for name in ["gradients.png", "gradients-joint.png"] {
            #expect(try Image.read("\(root)/out/\(name)").width > 1000, "\(name)")
        }

        let third = try run(["--only", "joint", "--only", "joint-attributes", "--only", "softmax"])
        #expect(third.status == 0, "\(third.errors)")
        #expect(!third.errors.contains("training joint") && third.errors.contains("training softmax-1"))
        #expect(
            try FileManager.default.attributesOfItem(atPath: model.path)[.modificationDate] as? Date
                == written)
        let study = try text("study.md")
        #expect(study.contains("| joining the losses beats the triplet loss alone | | not measured yet |"))
        #expect(study.contains(/joining the losses beats the normalised softmax alone \| [+-]\d+\.\d \|/))
        #expect(study.contains("on one seed"))

        // A run in two pieces is that in one.
        try FileManager.default.moveItem(atPath: root + "/out", toPath: root + "/before")
        #expect(try run(["--only", "joint"]).status == 0)
        #expect(try Data(contentsOf: model) == bytes)

        // Other settings are not mixed in.
        let other = try run(["--only", "softmax"], steps: 4)
        #expect(other.status == 0, "\(other.errors)")
        try FileManager.default.removeItem(atPath: root + "/out/softmax-1/training.json")
        let mixed = try run(["--only", "softmax"], steps: 5)
        #expect(
            mixed.status == 1 && mixed.errors.contains("was begun with other settings"), "\(mixed.errors)")
        let unknown = try run(["--only", "joined"])
        #expect(unknown.status == 1 && unknown.errors.contains("unknown variant joined"))
    }
}
