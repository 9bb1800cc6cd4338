import Foundation
import Imaging
import NN
import ReID
import Testing
import Torch

/// `evaluate reid` and `embed person` as a user runs them, on a small drawn data set and an untrained model.
@Suite struct ReIDCommandTests {
    private static func fixture(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "ReIDTests/Fixtures/evaluation/\(name)").path
    }

    private static let files = [fixture("random-query.safetensors"), fixture("random-gallery.safetensors")]

    private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "semblance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }

    private func json(_ process: SemblanceProcess) throws -> [String: Any] {
        #expect(process.status == 0, "\(process.errors)")
        return try #require(
            try JSONSerialization.jsonObject(with: Data(process.output.utf8)) as? [String: Any])
    }

    /// A tree in Market-1501's layout: 4 people by 3 cameras, and the model and attributes to judge it with.
    private struct World {
        let root: String
        let model: String
        let attributes: String

        init(in folder: String) throws {
            root = folder + "/market"
            model = folder + "/model.safetensors"
            attributes = folder + "/attributes.csv"
            for part in ["bounding_box_train", "query", "bounding_box_test"] {
                try FileManager.default.createDirectory(
                    atPath: "\(root)/\(part)", withIntermediateDirectories: true)
            }
            func write(_ part: String, _ person: Int, _ camera: Int) throws {
                var photo = Image(width: 32, height: 64, channels: 3, fill: UInt8(100 + 30 * camera))
                photo.fill(
                    Rect(x: 6, y: 16, width: 20, height: 22), colour: Colour.series[person % 7])
                photo.fill(
                    Rect(x: 8, y: 38, width: 16, height: 22), colour: Colour.series[(person * 3 + 1) % 7])
                let name = String(format: "%04d_c%ds1_%06d_00.jpg", person, camera, 100 * person + camera)
                try photo.writeJPEG("\(root)/\(part)/\(name)", quality: 95)
            }
            for person in 1...4 {
                try write("query", person, 1)
                for camera in 1...3 { try write("bounding_box_test", person, camera) }
            }
            for person in 5...6 { for camera in 1...2 { try write("bounding_box_train", person, camera) } }
            try write("bounding_box_test", 0, 2)

            let schema = AttributeSchema([
                .binary("hat"), .init(name: "age", classes: ["young", "adult", "old"]),
            ])
            var network = EmbeddingNetworkConfiguration()
            network.embedding = 16
            let configuration = ReIDModelConfiguration(
                network: network, height: 64, width: 32, attributes: schema)
            try ReIDModel(configuration, in: Context(seed: 4)).write(to: model)
            try Data("person,hat,age\n1,no,young\n2,yes,adult\n3,no,old\n4,no,adult\n".utf8)
                .write(to: URL(filePath: attributes))
        }
    }

    @Test func scoresAnyonesFeatures() throws {
        struct Expected: Decodable {
            struct Figures: Decodable {
                let mAP: Double
                let mINP: Double
                let cmc: [String: Double]
                let queries: Int
                let gallery: Int
            }
            struct Case: Decodable {
                let cosine: Figures
                let reRanked: Figures
            }
            let random: Case
        }
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: URL(filePath: Self.fixture("expected.json")))
        ).random
        let plain = try json(SemblanceProcess(["evaluate", "reid", "--features"] + Self.files + ["--json"]))
        #expect(
            Set(plain.keys) == [
                "mAP", "mINP", "cmc", "queries", "gallery", "protocol", "distance", "averagePrecision",
                "seconds",
            ])
        #expect(abs((plain["mAP"] as? Double ?? 0) - expected.cosine.mAP) < 1e-9)
        #expect(abs((plain["mINP"] as? Double ?? 0) - expected.cosine.mINP) < 1e-9)
        #expect(plain["queries"] as? Int == expected.cosine.queries)
        #expect(plain["gallery"] as? Int == expected.cosine.gallery)
        let cmc = try #require(plain["cmc"] as? [String: Double])
        #expect(Set(cmc.keys) == ["1", "5", "10", "20"])
        for (rank, value) in expected.cosine.cmc { #expect(abs((cmc[rank] ?? -1) - value) < 1e-9) }

        try withFolder { folder in
            let more = try json(
                SemblanceProcess(
                    ["evaluate", "reid", "--features"] + Self.files + [
                        "--rerank", "--per-camera", "--verification", "--json", "--cmc-plot",
                        folder + "/cmc.png",
                        "--roc", folder + "/roc.png",
                    ]))
            #expect(abs((more["mAP"] as? Double ?? 0) - expected.reRanked.mAP) < 1e-6)
            let before = try #require(more["plain"] as? [String: Any])
            #expect(abs((before["mAP"] as? Double ?? 0) - expected.cosine.mAP) < 1e-9)
            #expect((more["perCamera"] as? [String: Any])?["unknown"] != nil)
            let pairs = try #require(more["verification"] as? [String: Any])
            #expect(
                Set(pairs.keys) == ["genuine", "impostor", "auc", "eer", "tar", "tarInterval"])
            let rows = try #require(more["variants"] as? [[String: Any]])
            #expect(rows.map { $0["reRanked"] as? Bool } == [false, true])
            #expect(rows.map { $0["mAP"] as? Double } == [before["mAP"], more["mAP"]].map { $0 as? Double })
            #expect(try Image.read(folder + "/cmc.png").width == 720)
            #expect(try Image.read(folder + "/roc.png").width == 720)
        }
        let text = try SemblanceProcess(
            ["evaluate", "reid", "--trapezoid", "--protocol", "cuhk03", "--features"] + Self.files)
        #expect(text.status == 0)
        #expect(text.output.contains("gallery images (cuhk03, cosine, trapezoid)"), "\(text.output)")
    }

    @Test func embedsAndScoresADataSet() throws {
        try withFolder { folder in
            let world = try World(in: folder)
            let whole = try json(
                SemblanceProcess([
                    "evaluate", "reid", "--data", world.root, "--attributes", world.attributes, "--model",
                    world.model, "--flip", "--save-features", folder + "/features", "--ranked-lists",
                    folder + "/lists", "--activation-maps", folder + "/maps", "--count", "2", "--rerank",
                    "--per-camera", "--json",
                ]))
            // All four of one run; the last is that of the figures.
            let rows = try #require(whole["variants"] as? [[String: Any]])
            #expect(rows.map { $0["flip"] as? Bool } == [false, true, false, true])
            #expect(rows.map { $0["reRanked"] as? Bool } == [false, false, true, true])
            #expect(rows.last?["mAP"] as? Double == whole["mAP"] as? Double)
            // As the files' names number it, c1.
            #expect((whole["perCamera"] as? [String: Any])?.keys.sorted() == ["1"])
            #expect(whole["queries"] as? Int == 4 && whole["gallery"] as? Int == 13)
            let attributes = try #require(whole["attributes"] as? [String: Any])
            #expect(
                Set(attributes.keys) == [
                    "images", "people", "mA", "accuracy", "balancedAccuracy", "majority", "majorityBalanced",
                    "decisions", "perAttribute",
                ])
            // The distractor has no attributes.
            #expect(attributes["images"] as? Int == 16 && attributes["people"] as? Int == 4)
            let hat = try #require((attributes["perAttribute"] as? [[String: Any]])?.first)
            #expect(hat["name"] as? String == "hat" && hat["majority"] as? Double == 0.75)
            for kind in ["lists", "maps"] {
                let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(kind)").sorted()
                #expect(
                    names == ["query-0000-0001_c1s1_000101_00.png", "query-0002-0003_c1s1_000301_00.png"])
                if let keep = ProcessInfo.processInfo.environment["SEMBLANCE_TEST_PICTURES"] {
                    try Data(contentsOf: URL(filePath: "\(folder)/\(kind)/\(names[0])"))
                        .write(to: URL(filePath: "\(keep)/command-\(kind).png"))
                }
                for name in names { #expect(try Image.read("\(folder)/\(kind)/\(name)").height > 60) }
            }

            // The stored features give the same figures, and 'embed person' writes the same features.
            let stored = try json(
                SemblanceProcess([
                    "evaluate", "reid", "--features", folder + "/features/query.safetensors",
                    folder + "/features/gallery.safetensors", "--ranked-lists", folder + "/again", "--rerank",
                    "--json",
                ]))
            let plain = try json(
                SemblanceProcess([
                    "evaluate", "reid", "--data", world.root, "--model", world.model, "--rerank", "--json",
                ]))
            #expect(
                (plain["variants"] as? [[String: Any]])?.map { $0["mAP"] as? Double }
                    == [rows[0], rows[2]].map { $0["mAP"] as? Double })
            for key in ["mAP", "mINP"] { #expect(stored[key] as? Double == whole[key] as? Double) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/again").count == 4)
            let embedded = try json(
                SemblanceProcess([
                    "embed", "person", world.root, "--layout", "market1501", "--split", "gallery", "-o",
                    folder + "/own.safetensors", "--model", world.model, "--flip", "--batch", "5", "--json",
                ]))
            #expect(embedded["images"] as? Int == 13 && embedded["dimension"] as? Int == 16)
            let (own, saved) = (
                try FeatureFile.read(folder + "/own.safetensors"),
                try FeatureFile.read(folder + "/features/gallery.safetensors")
            )
            #expect(own.ids == saved.ids && own.cameras == saved.cameras && own.paths == saved.paths)
            #expect(own.metadata == ["model": "model", "flip": "true"])
            #expect(try (own.features - saved.features).abs().amax().item() < 1e-4)
            #expect(try (own.features.norm([1]) - 1).abs().amax().item() < 1e-5)
        }
    }

    @Test func badImagesAreNamedOrLeftOut() throws {
        try withFolder { folder in
            let world = try World(in: folder)
            let bad = world.root + "/query/0002_c1s1_000201_00.jpg"
            try Data("no picture".utf8).write(to: URL(filePath: bad))
            let output = folder + "/out.safetensors"
            let arguments = [
                "embed", "person", world.root + "/query", "-o", output, "--model", world.model,
            ]
            let strict = try SemblanceProcess(arguments)
            #expect(strict.status == 1)
            #expect(strict.errors.contains(bad), "\(strict.errors)")
            #expect(!FileManager.default.fileExists(atPath: output))
            let lenient = try SemblanceProcess(arguments + ["--skip-bad", "--json"])
            let report = try json(lenient)
            #expect(report["images"] as? Int == 3)
            #expect((report["skipped"] as? [[String: String]])?.map { $0["file"] } == [bad])
            #expect(lenient.errors.contains("left out: \(bad)"), "\(lenient.errors)")
            let file = try FeatureFile.read(output)
            #expect(file.ids == [-1, -1, -1] && file.cameras == [-1, -1, -1])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy {
                    !$0.hasSuffix(".tmp")
                })

            let evaluation = try SemblanceProcess([
                "evaluate", "reid", "--data", world.root, "--model", world.model,
            ])
            #expect(evaluation.status == 1)
            #expect(evaluation.errors.contains(bad), "\(evaluation.errors)")
        }
    }

    @Test func whatIsMissingIsExplained() throws {
        try withFolder { folder in
            let world = try World(in: folder)
            for (arguments, message) in [
                (["evaluate", "reid", "--features", "/nowhere/q", "/nowhere/g"], "/nowhere/q: no such file"),
                (["evaluate", "reid", "--data", "/nowhere", "--model", world.model], "/nowhere"),
                (
                    ["evaluate", "reid", "--data", world.root, "--model", Self.files[0]],
                    "not a re-identification model"
                ),
                (
                    [
                        "embed", "person", folder + "/market/none", "-o", folder + "/x", "--model",
                        world.model,
                    ],
                    "none: no such file or folder"
                ),
                (
                    ["evaluate", "reid", "--ranked-lists", "/proc/none", "--features"] + Self.files,
                    "/proc/none: the output folder cannot be made"
                ),
            ] {
                let process = try SemblanceProcess(arguments)
                #expect(process.status == 1)
                #expect(process.errors.contains(message), "\(process.errors)")
            }
            try Data("person,shoes\n1,dark\n2,bright\n".utf8).write(to: URL(filePath: world.attributes))
            let process = try SemblanceProcess([
                "evaluate", "reid", "--data", world.root, "--model", world.model, "--attributes",
                world.attributes,
            ])
            #expect(process.status == 1)
            #expect(
                process.errors.contains(
                    "the model predicts none of the file's attributes (shoes), only hat, age"),
                "\(process.errors)")
        }
    }

    @Test(arguments: [
        ([], "give a data set (--data DIR) or embeddings (--features QUERY GALLERY)"),
        (["--features", "q"], "--features takes two files"),
        (["--data", "d", "g"], "unexpected argument 'g'"),
        (["--data", "d", "--features", "q", "g"], "--features"),
        (["--features", "q", "g", "--flip"], "--flip needs --data"),
        (["--features", "q", "g", "--activation-maps", "d"], "--activation-maps needs --data"),
        (["--features", "q", "g", "--distance", "euclidean", "--rerank"], "leave --distance out"),
        (["--data", "d", "--layout", "duke"], "'duke' is not one of market1501, dukemtmc"),
        (["--features", "q", "g", "--count", "0"], "--count"),
    ])
    func wrongOptionsAreExplained(options: [String], message: String) throws {
        let process = try SemblanceProcess(["evaluate", "reid"] + options)
        #expect(process.status == 64)
        #expect(process.errors.contains(message), "\(process.errors)")
    }

    @Test func gradientsOfRunsThatMeasuredNone() throws {
        let absent = try SemblanceProcess(["evaluate", "gradients", "/nowhere/run", "-o", "/tmp/none.png"])
        #expect(absent.status == 1)
        #expect(absent.errors.contains("/nowhere/run/gradients.json"), "\(absent.errors)")
        let names = try SemblanceProcess(["evaluate", "gradients", "a", "b", "--name", "one"])
        #expect(names.status == 64)
        #expect(names.errors.contains("1 names for 2 runs"), "\(names.errors)")
    }

    @Test(arguments: [
        (["a", "b", "--layout", "market1501"], "--layout takes the root of one data set, not 2 inputs"),
        (["a", "--split", "query"], "--split names a part of a data set: it needs --layout"),
        (["a", "--layout", "folder", "--split", "test"], "'test' is not one of train, query, gallery"),
    ])
    func wrongEmbeddingOptionsAreExplained(options: [String], message: String) throws {
        let process = try SemblanceProcess(["embed", "person", "-o", "/tmp/none"] + options)
        #expect(process.status == 64)
        #expect(process.errors.contains(message), "\(process.errors)")
    }
}
