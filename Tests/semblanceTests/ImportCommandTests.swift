import Foundation
import Imaging
import Resources
import Testing

private let locator = ResourceLocator.standard
private let hasPython = FileManager.default.isExecutableFile(atPath: locator.cache + "/venv/bin/python")
private let hasFaces =
    (try? locator.weights("yunet")) != nil && (try? locator.photo("astronaut.png")) != nil
    && (try? locator.model("unmasker-128")) != nil

/// `import`, `generate` and `invert` as a user meets them.
@Suite(.serialized) struct ImportCommandTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/import-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func checkpoints() throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: locator.cache + "/venv/bin/python")
        let script = try #require(locator.root) + "/Tools/reference/inversion_checkpoints.py"
        process.arguments = ["-B", script, folder]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return folder
    }

    private func json(_ arguments: [String]) throws -> Any {
        let run = try SemblanceProcess(arguments + ["--json", "--quiet"])
        #expect(run.status == 0, "\(run.errors)")
        return try JSONSerialization.jsonObject(with: Data(run.output.utf8))
    }

    @Test(.enabled(if: hasPython, "needs Scripts/setup"))
    func importedNetworksDrawAndInvert() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let source = try checkpoints()
        let generator = folder + "/generator.safetensors"
        let summary = try #require(
            json(["import", source + "/stylegan2.pt", "--as", "stylegan2", "-o", generator])
                as? [String: Any])
        #expect(summary["network"] as? String == "stylegan2")
        #expect((summary["parameters"] as? Int ?? 0) > 10_000)
        let left = try #require(summary["leftOut"] as? [[String: Any]])
        #expect(left.contains { $0["keys"] as? String == "g/*" })

        var pictures: [Data?] = []
        for name in ["one", "two"] {
            let report = try #require(
                json([
                    "generate", "--model", generator, "--seeds", "3,5-6", "-o", "\(folder)/\(name)",
                    "--save-latents",
                ]) as? [String: Any])
            #expect((report["pictures"] as? [Any])?.count == 3)
            pictures.append(FileManager.default.contents(atPath: "\(folder)/\(name)/seed5.png"))
        }
        #expect(pictures[0] != nil && pictures[0] == pictures[1])
        #expect(try Image.read("\(folder)/one/seed5.png").width == 64)
        #expect(FileManager.default.fileExists(atPath: "\(folder)/one/sheet.png"))
        // The codes of the seeds draw the same pictures.
        _ = try json([
            "generate", "--model", generator, "--latents", "\(folder)/one/latents.safetensors", "-o",
            "\(folder)/again",
        ])
        #expect(FileManager.default.contents(atPath: "\(folder)/again/latent2.png") == pictures[0])

        let refused = try SemblanceProcess([
            "invert", "\(folder)/one", "--aligned", "--model", generator, "-o", "\(folder)/no",
        ])
        #expect(refused.status == 1 && refused.errors.contains("without an encoder"))

        let network = folder + "/e4e.safetensors"
        _ = try json(["import", source + "/e4e.pt", "--as", "e4e", "-o", network])
        let inverted = try #require(
            json([
                "invert", "\(folder)/one/seed5.png", "--aligned", "--model", network, "-o",
                "\(folder)/inverted", "--refine", "3", "--compare",
            ]) as? [[String: Any]])
        let face = try #require((inverted.first?["faces"] as? [[String: Any]])?.first)
        let refinement = try #require(face["refinement"] as? [String: [String: Double]])
        #expect(
            try #require(refinement["after"]?["pixel"]) < #require(refinement["before"]?["pixel"]))
        let drawn = FileManager.default.contents(atPath: "\(folder)/inverted/seed5.png")
        _ = try json([
            "generate", "--model", network, "--latents", "\(folder)/inverted/seed5.safetensors", "-o",
            "\(folder)/redrawn",
        ])
        #expect(drawn != nil)
        #expect(FileManager.default.contents(atPath: "\(folder)/redrawn/latent1.png") == drawn)
        #expect(FileManager.default.fileExists(atPath: "\(folder)/inverted/seed5-compare.png"))
    }

    @Test(.enabled(if: hasPython, "needs Scripts/setup"))
    func refusedCheckpointsLeaveNothingBehind() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let source = try checkpoints()
        let output = folder + "/out.safetensors"
        let evil = try SemblanceProcess([
            "import", source + "/evil.pt", "--as", "stylegan2", "-o", output,
        ])
        #expect(evil.status == 1)
        #expect(evil.errors.contains("evil.pt") && evil.errors.contains("system"), "\(evil.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder + "/marker"))
        let other = try SemblanceProcess(["import", source + "/e4e.pt", "--as", "psp", "-o", output])
        #expect(other.status == 1 && other.errors.contains("--as e4e"), "\(other.errors)")
        let bare = try SemblanceProcess(
            ["import", source + "/bare.pt", "--as", "stylegan2", "-o", output],
            environment: ["SEMBLANCE_CACHE": folder + "/cache"])
        #expect(bare.status == 1 && bare.errors.contains("run Scripts/setup"), "\(bare.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(
            !files.contains { $0.hasSuffix(".tmp") || $0.contains("semblance-") || $0 == "out.safetensors" })
    }

    @Test(.enabled(if: hasFaces, "needs YuNet, the example photo and Models/unmasker-128"))
    func ourOwnModelInvertsAndDrawsAgain() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let report = try #require(
            json(["invert", "example:astronaut", "-o", folder, "--refine", "5"]) as? [[String: Any]])
        let face = try #require((report.first?["faces"] as? [[String: Any]])?.first)
        let (full, alone) = (
            try #require(face["l1"] as? Double), try #require(face["l1CodesAlone"] as? Double)
        )
        #expect(full < 0.2 && alone > full, "features carry the pose: \(full), \(alone)")
        let times = try #require(face["milliseconds"] as? [String: Double])
        #expect(try #require(times["refine"]) > 0)
        let model = try locator.model("unmasker-128")
        let run = try SemblanceProcess([
            "generate", "--model", model, "--latents", folder + "/astronaut.safetensors", "-o",
            folder + "/again",
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            FileManager.default.contents(atPath: folder + "/again/latent1.png")
                == FileManager.default.contents(atPath: folder + "/astronaut.png"))
        let seeds = try SemblanceProcess([
            "generate", "--model", model, "--seeds", "1", "-o", folder + "/seeds",
        ])
        #expect(seeds.status == 0 && seeds.errors.contains("seeds give no faces"), "\(seeds.errors)")
    }

    @Test(arguments: [
        (
            ["import", "a.pt", "--as", "stylegan3", "-o", "x.safetensors"],
            "'stylegan3' is not one of stylegan2"
        ),
        (["import", "a.pt", "--as", "psp", "-o", "x.pt"], "ends in .safetensors"),
        (["import", "a.pt", "--as", "psp", "--linear", "b", "-o", "x.safetensors"], "--linear belongs to"),
        (["generate", "--model", "m", "-o", "o", "--seeds", "5-3"], "counts down: write 3-5"),
        (["generate", "--model", "m", "-o", "o", "--seeds", "1-x"], "is not a list of seeds"),
        (["generate", "--model", "m", "-o", "o", "--seeds", "0-99999"], "more than 10000 seeds"),
        (["generate", "--model", "m", "-o", "o", "--seeds", "1", "--latents", "f"], "--latents"),
    ])
    func wrongOptionsAreExplained(arguments: [String], message: String) throws {
        let process = try SemblanceProcess(arguments)
        #expect(process.status == 64)
        #expect(process.errors.contains(message), "\(process.errors)")
    }

    @Test func missingFilesAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let absent = try SemblanceProcess([
            "import", "/nowhere/a.pt", "--as", "psp", "-o", folder + "/x.safetensors",
        ])
        #expect(absent.status == 1 && absent.errors.contains("/nowhere/a.pt: no such file"))
        let place = try SemblanceProcess([
            "import", "/nowhere/a.pt", "--as", "psp", "-o", "/nowhere/x.safetensors",
        ])
        #expect(place.status == 1 && place.errors.contains("there is no folder /nowhere"))
        let model = try SemblanceProcess(["generate", "--model", "/nowhere/m.safetensors", "-o", folder])
        #expect(model.status == 1 && model.errors.contains("/nowhere/m.safetensors: no such file"))
    }
}
