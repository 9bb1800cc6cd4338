import Foundation
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

    @Test(arguments: [
        (["--probe", "hidden"], "'hidden' is not one of clean, masked, recovered"),
        (["--masks", "generated:7"], "--masks needs another --probe than clean"),
        (["--probe", "masked", "--masks", "drawn:7"], "is not a source of masks; expected generated:SEED"),
        (["--recogniser", "arcface"], "is not one of sface, dlib, edgeface"),
        (["--recogniser", "sface,sfac"], "'sface,sfac' is not one of sface, dlib, edgeface"),
        (["--fusion", "mean"], "'mean' is not a rule; expected one of sum, scores"),
        (["--fusion", "sum:2"], "'sum:2' is not a rule"),
        (["--weights", "x", "--recogniser", "sface,dlib"], "--weights is for one recogniser"),
        (["--calibration", "x", "--probe", "all"], "--calibration writes the thresholds of one probe"),
        (["--limit", "1"], "--limit"),
    ])
    func wrongOptionsAreExplained(options: [String], message: String) throws {
        let process = try SemblanceProcess(
            ["evaluate", "verification", "--images", "/nowhere", "--pairs", "/nowhere/pairs.txt"] + options)
        #expect(process.status == 64)
        #expect(process.errors.contains(message), "\(process.errors)")
    }
}
