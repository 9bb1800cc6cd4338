import Foundation
import Imaging
import Testing

@Suite struct VerificationCommandTests {
    private static func cached(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let cache =
            environment["SEMBLANCE_CACHE"]
            ?? (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache") + "/semblance"
        let path = "\(cache)/\(name)"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    private static var isInstalled: Bool {
        ["weights/yunet.safetensors", "weights/sface.safetensors", "photos/astronaut.png"].allSatisfy {
            cached($0) != nil
        }
    }

    @Test(.enabled(if: isInstalled, "needs Scripts/setup"))
    func aPhotoIsOfThePersonOfItself() throws {
        let calibration = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: calibration) }
        try Data(
            """
            {"format": "semblance-verification-1", "recogniser": "sface", "probe": "clean", "source": "test",
             "genuinePairs": 1000, "impostorPairs": 10000,
             "points": [{"far": 0.001, "threshold": 0.4, "tar": 0.9, "tarInterval": {"low": 0.8, "high": 1}}]}
            """.utf8
        ).write(to: calibration)
        let process = try SemblanceProcess([
            "verify", "example:astronaut", "example:astronaut", "--json", "--calibration", calibration.path,
        ])
        #expect(process.status == 0, "\(process.errors)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(process.output.utf8)) as? [String: Any])
        #expect(abs((report["similarity"] as? Double ?? 0) - 1) < 1e-4)
        #expect(report["same"] as? Bool == true)
        #expect(report["threshold"] as? Double == 0.4)
        #expect(report["far"] as? Double == 0.001)

        let other = try SemblanceProcess([
            "verify", "example:astronaut", "example:astronaut", "--recogniser", "dlib", "--calibration",
            calibration.path,
        ])
        #expect(other.status == 64)
        #expect(other.errors.contains("the calibration belongs to the recogniser 'sface', not 'dlib'"))

        let rate = try SemblanceProcess([
            "verify", "example:astronaut", "example:astronaut", "--far", "0.2", "--calibration",
            calibration.path,
        ])
        #expect(rate.status == 1)
        #expect(rate.errors.contains("no threshold for a false acceptance rate of 0.2, only for 0.001"))
    }

    @Test(.enabled(if: isInstalled, "needs Scripts/setup"))
    func missingPhotosAndListsAreNamed() throws {
        let list = try SemblanceProcess([
            "evaluate", "verification", "--images", "/nowhere", "--pairs", "/nowhere/pairs.txt",
        ])
        #expect(list.status == 1)
        #expect(list.errors.contains("/nowhere/pairs.txt: cannot be read"))
        let photo = try SemblanceProcess(["verify", "/nowhere/a.jpg", "example:astronaut"])
        #expect(photo.status == 1)
        #expect(photo.errors.contains("/nowhere/a.jpg: no such file"), "\(photo.errors)")
    }

    private static var hasModel: Bool {
        isInstalled && cached("weights/lpips_alex.safetensors") != nil
    }

    private func json(_ process: SemblanceProcess) throws -> [String: Any] {
        #expect(process.status == 0, "\(process.errors)")
        return try #require(
            try JSONSerialization.jsonObject(with: Data(process.output.utf8)) as? [String: Any])
    }

    private func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("semblance-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test(.enabled(if: isInstalled, "needs Scripts/setup"))
    func aMaskedPhotoIsRecoveredAndCompared() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let masked = folder.appendingPathComponent("masked.png").path
        let mask = try SemblanceProcess([
            "mask", "example:astronaut", "-o", masked, "--kind", "surgical", "--seed", "3",
        ])
        #expect(mask.status == 0, "\(mask.errors)")
        func verify(_ options: String...) throws -> [String: Any] {
            try json(SemblanceProcess(["verify", "example:astronaut", masked, "--json"] + options))
        }
        let panel = folder.appendingPathComponent("panel.png").path
        let fused = try verify("--unmask", "--panel", panel)
        #expect(fused["unmasked"] as? [Bool] == [false, true])
        #expect(fused["probe"] as? String == "fused" && fused["same"] as? Bool == true)
        #expect(fused["far"] as? Double == 0.001)
        // Three pictures of 256 pixels in a row: first, second, second recovered.
        #expect(try Image.read(panel).width > 3 * 256)
        let plain = try verify()
        #expect(plain["probe"] as? String == "clean" && plain["unmasked"] as? [Bool] == [false, false])
        let asMasked = try verify("--unmask", "--evidence", "masked")
        // The masked photo is compared as it is in both, but with another threshold.
        #expect(asMasked["similarity"] as? Double == plain["similarity"] as? Double)
        #expect(asMasked["threshold"] as? Double != plain["threshold"] as? Double)
        #expect(try verify("--unmask", "--evidence", "recovered")["probe"] as? String == "recovered")
    }

    /// A tiny set in LFW's layout: one person's photo as it is and smaller, and a picture without a face.
    @Test(.enabled(if: isInstalled, "needs Scripts/setup"))
    func oneCommandComparesAllProbes() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let photo = try Image.read(try #require(Self.cached("photos/astronaut.png"))).rgb()
        for (name, image) in [
            ("Ada/Ada_0001", photo), ("Ada/Ada_0002", try photo.resized(width: 400, height: 400)),
            ("Bo/Bo_0001", Image(width: 160, height: 160, channels: 3, fill: 90)),
        ] {
            let url = folder.appendingPathComponent("\(name).png")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try image.writePNG(url.path)
        }
        let list = folder.appendingPathComponent("pairs.txt").path
        try Data("2 1\nAda 1 2\nAda 1 Bo 1\nAda 2 1\nAda 2 Bo 1\n".utf8).write(
            to: URL(fileURLWithPath: list))
        let options = [
            "evaluate", "verification", "--images", folder.path, "--pairs", list, "--masks", "generated:4",
            "--cache", folder.appendingPathComponent("cache").path, "--json",
        ]
        let all = try json(SemblanceProcess(options + ["--probe", "all", "--all-pairs"]))
        let runs = try #require(all["runs"] as? [[String: Any]])
        #expect(
            runs.compactMap { $0["probe"] as? String } == [
                "clean", "masked", "realigned", "recovered", "fused",
            ])
        for run in runs {
            #expect(Set(try #require(run["tar"] as? [String: Any]).keys) == ["1e-1", "1e-2", "1e-3", "1e-4"])
            #expect(run["pairs"] as? Int == 4 && run["recogniser"] as? String == "sface")
            #expect((run["allPairs"] as? [String: Any])?["impostor"] as? Int == 2)
        }
        #expect(runs[0]["withoutFace"] as? Int == 1 && runs[0]["untreated"] as? Int == 0)
        #expect(runs[1]["untreated"] as? Int == 1)
        let gaps = try #require(all["gapClosed"] as? [[String: Any]])
        #expect(gaps.compactMap { $0["far"] as? String } == ["1e-1", "1e-2", "1e-3", "1e-4"])
        // Of Ada's two photos; Bo has no face to put a mask on.
        let nearer = try #require(all["nearerToTruth"] as? [[String: Any]])
        #expect(nearer.count == 1 && nearer[0]["photos"] as? Int == 2)
        for key in ["realigned", "recovered", "both"] {
            #expect([0, 0.5, 1].contains(try #require(nearer[0][key] as? Double)))
        }
        // A single probe keeps the flat report, and takes what the first run kept.
        let one = try json(SemblanceProcess(options + ["--probe", "recovered"]))
        #expect(one["auc"] as? Double == runs[3]["auc"] as? Double && one["accuracySpread"] != nil)
        let files = try FileManager.default.contentsOfDirectory(
            atPath: folder.appendingPathComponent("cache").path)
        #expect(files.count == 6 && files.allSatisfy { $0.hasSuffix(".embeddings") })
        // What the clean photo gives away is another face than the guessed one, and does not take its place.
        _ = try json(SemblanceProcess(options + ["--probe", "recovered", "--oracle"]))
        let recovered = try FileManager.default.contentsOfDirectory(
            atPath: folder.appendingPathComponent("cache").path
        ).filter { $0.contains("-recovered-") && !$0.contains("enrolled") }
        #expect(recovered.count == 2)
        let contents = try recovered.map {
            try Data(contentsOf: folder.appendingPathComponent("cache/\($0)")).suffix(512)
        }
        #expect(contents[0] != contents[1])
    }

    /// Learned from a few sizes of one photo, which is nonsense, but shows that what was learned is what compares.
    @Test(.enabled(if: isInstalled, "needs Scripts/setup"))
    func aComparisonIsLearnedAndUsed() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let photo = try Image.read(try #require(Self.cached("photos/astronaut.png"))).rgb()
        let photos = folder.appendingPathComponent("photos/Ada")
        try FileManager.default.createDirectory(at: photos, withIntermediateDirectories: true)
        for (index, side) in [300, 340, 380, 420].enumerated() {
            try photo.resized(width: side, height: side).writePNG("\(photos.path)/Ada_000\(index + 1).png")
        }
        let faceless = folder.appendingPathComponent("photos/Bo")
        try FileManager.default.createDirectory(at: faceless, withIntermediateDirectories: true)
        try Image(width: 160, height: 160, channels: 3, fill: 90).writePNG("\(faceless.path)/Bo_0001.png")
        let output = folder.appendingPathComponent("learned").path
        let cache = folder.appendingPathComponent("cache").path
        let process = try SemblanceProcess([
            "train", "comparison", "--images", photos.deletingLastPathComponent().path, "-o", output,
            "--cache", cache,
            "--json",
        ])
        #expect(process.status == 0, "\(process.errors)")
        let learned = try #require(
            try JSONSerialization.jsonObject(with: Data(process.output.utf8)) as? [[String: Any]])
        #expect(learned[0]["photos"] as? Int == 4 && learned[0]["left"] as? Int == 1)
        #expect(learned[0]["output"] as? String == "\(output)/comparison-sface.safetensors")

        let list = folder.appendingPathComponent("pairs.txt").path
        try Data("2 1\nAda 1 2\nAda 1 Bo 1\nAda 3 4\nAda 2 Bo 1\n".utf8).write(to: URL(fileURLWithPath: list))
        func evaluate(_ options: String...) throws -> [String: Any] {
            try json(
                SemblanceProcess(
                    [
                        "evaluate", "verification", "--images", folder.path + "/photos", "--pairs", list,
                        "--masks",
                        "generated:1", "--cache", cache, "--json",
                    ] + options))
        }
        let compared = try evaluate("--probe", "realigned", "--comparison", output)
        #expect(compared["comparison"] as? String == "joint")
        #expect(
            try evaluate("--probe", "realigned", "--comparison", "cosine")["comparison"] as? String
                == "cosine")
        // Unless told otherwise, by what is installed, where it fits; a plain pipeline knows of nothing.
        #expect(try evaluate("--probe", "fused")["comparison"] as? String == "joint")
        #expect(
            try evaluate("--probe", "fused", "--alignment", "keep")["comparison"] as? String == "cosine")
        #expect(try evaluate("--probe", "masked")["comparison"] as? String == "cosine")
        #expect(try evaluate("--probe", "masked", "--comparison", output)["comparison"] as? String == "joint")
        #expect(
            try evaluate("--probe", "fused", "--comparison", "cosine")["comparison"] as? String == "cosine")
        let all = try evaluate("--probe", "all", "--comparison", output)
        #expect(
            (all["runs"] as? [[String: Any]])?.compactMap { $0["comparison"] as? String } == [
                "cosine", "cosine", "joint", "joint", "joint",
            ])
        let other = try SemblanceProcess([
            "evaluate", "verification", "--images", folder.path + "/photos", "--pairs", list, "--masks",
            "generated:1",
            "--probe", "fused", "--fusion", "enrolled:0.3", "--comparison", output,
        ])
        #expect(other.status != 0)
        #expect(other.errors.contains("only for clean:1.0 masked:1.0"), "\(other.errors)")
    }

    /// Thresholds that were measured with a learned comparison are of no use without it.
    @Test(.enabled(if: isInstalled, "needs Scripts/setup"))
    func thresholdsAskForTheirComparison() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let calibration = folder.appendingPathComponent("c.json")
        try Data(
            """
            {"format": "semblance-verification-1", "recogniser": "sface", "probe": "fused", "source": "test",
             "similarity": "joint", "genuinePairs": 1000, "impostorPairs": 10000,
             "points": [{"far": 0.001, "threshold": 0.4, "tar": 0.9, "tarInterval": {"low": 0.8, "high": 1}}]}
            """.utf8
        ).write(to: calibration)
        let models =
            ProcessInfo.processInfo.environment["SEMBLANCE_MODELS"]
            ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Models").path
        for name in try FileManager.default.contentsOfDirectory(atPath: models)
        where !name.hasPrefix("comparison") {
            try FileManager.default.createSymbolicLink(
                atPath: folder.appendingPathComponent(name).path, withDestinationPath: "\(models)/\(name)")
        }
        func refusal(_ options: String...) throws -> String {
            let process = try SemblanceProcess(
                ["verify", "example:astronaut", "example:astronaut", "--calibration", calibration.path]
                    + options,
                environment: ["SEMBLANCE_MODELS": folder.path])
            #expect(process.status != 0)
            return process.errors
        }
        let missing = try refusal("--unmask")
        #expect(
            missing.contains("comparison-sface.safetensors: there is no learned comparison; make one with"),
            "\(missing)")
        #expect(try refusal().contains("add --unmask or name another"))
        let other = try refusal("--unmask", "--evidence", "recovered")
        #expect(
            other.contains("learned comparison of fused faces and do not fit recovered ones"), "\(other)")
    }

    @Test(.enabled(if: hasModel, "needs Scripts/setup --all"))
    func unmaskingIsJudgedManyWays() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let photo = try Image.read(try #require(Self.cached("photos/astronaut.png"))).rgb()
        for side in [300, 340, 380, 420] {
            try photo.resized(width: side, height: side).writePNG(
                folder.appendingPathComponent("\(side).png").path)
        }
        let report = try json(
            SemblanceProcess([
                "evaluate", "unmasking", folder.path, "--json", "--sheet", folder.path + "/s.png",
            ]))
        #expect(report["photos"] as? Int == 4)
        for key in ["recovered", "visible", "meanFace"] {
            let scores = try #require(report[key] as? [String: Double])
            #expect(Set(scores.keys) == ["l1", "lpips", "mse", "psnr", "ssim"])
        }
        // Visible pixels are kept but for the soft edge.
        let visible = try #require((report["visible"] as? [String: Double])?["l1"])
        let hidden = try #require((report["recovered"] as? [String: Double])?["l1"])
        #expect(visible < 0.2 * hidden)
        let identity = try #require((report["identity"] as? [String: [String: Double]])?["sface"])
        #expect(Set(identity.keys) == ["masked", "recovered", "meanFace", "better"])
        #expect(
            Set(try #require(report["kernelDistance"] as? [String: Any]).keys) == [
                "clean", "masked", "recovered", "meanFace",
            ])
        #expect((report["diversity"] as? [String: Double])?["ratio"] != nil)
    }

    @Test(arguments: [
        (["--probe", "hidden"], "'hidden' is not one of clean, masked, realigned, recovered"),
        (["--masks", "generated:7"], "--masks needs another --probe than clean"),
        (["--probe", "masked", "--masks", "drawn:7"], "is not a source of masks; expected generated:SEED"),
        (["--recogniser", "arcface"], "is not one of sface, dlib, edgeface, ir-se50"),
        (["--recogniser", "sface,sfac"], "'sface,sfac' is not one of sface, dlib, edgeface, ir-se50"),
        (["--fusion", "mean"], "'mean' is not a rule; expected one of enrolled, sum, scores"),
        (["--fusion", "sum:2"], "'sum:2' is not a rule"),
        (["--weights", "x", "--recogniser", "sface,dlib"], "--weights is for one recogniser"),
        (["--calibration", "x", "--probe", "all"], "--calibration writes the thresholds of one probe"),
        (["--limit", "1"], "--limit"),
        (["--oracle"], "--oracle changes recovered faces"),
        (["--comparison", "learned"], "'learned' is no comparison; expected cosine, joint, or a folder"),
        (["--comparison", "joint"], "--comparison is for masked probes"),
        (
            ["--comparison", "joint", "--probe", "all", "--masks", "worn"],
            "with --masks worn both may be masked"
        ),
        (["--oracle", "--probe", "recovered", "--masks", "worn"], "--oracle needs masks that are drawn"),
    ])
    func wrongOptionsAreExplained(options: [String], message: String) throws {
        let process = try SemblanceProcess(
            ["evaluate", "verification", "--images", "/nowhere", "--pairs", "/nowhere/pairs.txt"] + options)
        #expect(process.status == 64)
        #expect(process.errors.contains(message), "\(process.errors)")
    }
}
