import Configuration
import Foundation
import Testing

private struct Optimiser: Codable, Equatable, Sendable {
    var rate = 0.001
    var momentum: Double?
    var decays: [Double] = [0.5, 0.9]
}

private enum Schedule: Codable, Equatable, Sendable {
    case constant
    case cosine(cycles: Int)
    case step(every: Int, factor: Double)
}

private enum Backbone: String, Codable, Sendable { case resnet18, mobilenet }

private struct Stage: Codable, Equatable, Sendable {
    var width = 1
    var depth = 2
}

private struct Settings: Configurable, Equatable {
    var epochs = 60
    var seed: UInt64 = 1
    var scale: Float = 0.1
    var name = "run"
    var shuffle = true
    var backbone = Backbone.resnet18
    var optimiser = Optimiser()
    var warmUp: Stage?
    var stages: [Stage] = []
    var weights: [String: Double] = ["pixel": 1]
    var schedule = Schedule.cosine(cycles: 1)

    func validate() throws(ConfigurationError) {
        if epochs < 1 { throw ConfigurationError("'epochs' must be at least 1, found \(epochs)") }
    }
}

@Suite struct ConfigurableTests {
    private func message(_ json5: String, _ overrides: [String] = []) -> String? {
        do throws(ConfigurationError) {
            _ = try Settings.load(json5: json5, name: "a.json5", overrides: overrides)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func nothingGivenIsTheDefault() throws {
        #expect(try Settings.load() == Settings())
        #expect(try Settings.load(json5: "{}") == Settings())
    }

    @Test func fileGivesWhatDiffers() throws {
        let settings = try Settings.load(
            json5: """
                {
                  // comments, bare keys, single quotes and trailing commas
                  epochs: 3, seed: 18446744073709551615, name: 'two',
                  optimiser: {rate: 1e-4, momentum: .9},
                  warmUp: {width: 7, depth: 8},
                  stages: [{width: 1, depth: 2}],
                  weights: {identity: 0.1,},
                  schedule: {step: {every: 5, factor: 0.5}},
                  backbone: "mobilenet",
                }
                """)
        var expected = Settings()
        expected.epochs = 3
        expected.seed = .max
        expected.name = "two"
        expected.optimiser = Optimiser(rate: 1e-4, momentum: 0.9)
        expected.warmUp = Stage(width: 7, depth: 8)
        expected.stages = [Stage()]
        expected.weights = ["identity": 0.1]
        expected.schedule = .step(every: 5, factor: 0.5)
        expected.backbone = .mobilenet
        #expect(settings == expected)
    }

    @Test func overridesComeLast() throws {
        let settings = try Settings.load(
            json5: "{epochs: 3, stages: [{width: 1, depth: 2}]}",
            overrides: [
                "epochs=4", "optimiser.momentum=0.8", "optimiser.decays.1=0.99", "name=7", "stages.0.width=9",
                "weights.identity=0.2", "warmUp={width: 5, depth: 6}", "shuffle=false", "backbone=mobilenet",
                "schedule={constant: {}}",
            ])
        #expect(settings.epochs == 4)
        #expect(settings.optimiser.momentum == 0.8)
        #expect(settings.optimiser.decays == [0.5, 0.99])
        #expect(settings.name == "7")
        #expect(settings.stages == [Stage(width: 9, depth: 2)])
        #expect(settings.weights == ["pixel": 1, "identity": 0.2])
        #expect(settings.warmUp == Stage(width: 5, depth: 6))
        #expect(!settings.shuffle)
        #expect(settings.backbone == .mobilenet)
        #expect(settings.schedule == .constant)
    }

    @Test(arguments: [
        ("{epoch: 3}", "a.json5: unknown key 'epoch'; did you mean 'epochs'?"),
        ("{optimiser: {rat: 3}}", "a.json5: unknown key 'optimiser.rat'; did you mean 'rate'?"),
        (
            "{warmUp: {width: 1, depth: 2, heigth: 3}}",
            "a.json5: unknown key 'warmUp.heigth' (known here: width, depth)"
        ),
        (
            "{stages: [{width: 1, depth: 2, dept: 3}]}",
            "a.json5: unknown key 'stages[0].dept'; did you mean 'depth'?"
        ),
        ("{epochs: 'three'}", "a.json5: 'epochs' must be a whole number, found text"),
        ("{epochs: 'three', epoch: 3}", "a.json5: unknown key 'epoch'; did you mean 'epochs'?"),
        ("{optimiser: {rate: true}}", "a.json5: 'optimiser.rate' must be a number, found true or false"),
        ("{optimiser: 3}", "a.json5: 'optimiser'"),
        ("{stages: [{width: 1}]}", "a.json5: 'stages[0].depth' is missing"),
        ("{optimiser: {rate: NaN}}", "a.json5: 'optimiser.rate' is nan; a finite number is needed"),
        ("{backbone: 'vgg'}", "a.json5: 'backbone'"),
        ("[1]", "a.json5 must hold one object, found a list"),
        ("{epochs: 3", "a.json5 is not JSON5: "),
        ("", "a.json5 is not JSON5: "),
        ("{epochs: 0}", "'epochs' must be at least 1, found 0"),
    ])
    func mistakeIsNamed(json5: String, expected: String) throws {
        let message = try #require(self.message(json5))
        #expect(message.hasPrefix(expected), "\(message)")
    }

    @Test(arguments: [
        ("epochs", "--set epochs: write path.to.key=value"),
        ("=3", "--set =3: write path.to.key=value"),
        ("epoch=3", "--set epoch=3: unknown key 'epoch'; did you mean 'epochs'? (known here: epochs, seed,"),
        ("optimiser.rats=3", "--set optimiser.rats=3: unknown key 'rats'; did you mean 'rate'?"),
        ("epochs.x=3", "--set epochs.x=3: nothing lies below 'x': its parent is a whole number"),
        (
            "optimiser.decays.2=1",
            "--set optimiser.decays.2=1: '2' is no element of a list of 2; count from 0"
        ),
        ("epochs=many", "a.json5 with --set: 'epochs' must be a whole number, found text"),
        ("warmUp.width=1", "a.json5 with --set: 'warmUp.depth' is missing"),
    ])
    func wrongOverrideIsNamed(override: String, expected: String) throws {
        let message = try #require(self.message("{}", [override]))
        #expect(message.hasPrefix(expected), "\(message)")
    }

    @Test func effectiveConfigurationReadsBack() throws {
        var settings = Settings()
        settings.name = "a \"quoted\"\n\u{1}\\ näme"
        settings.scale = 0.3
        settings.seed = .max
        let text = try settings.json()
        #expect(text.contains("\"scale\": 0.3,"))
        #expect(text.contains("\"momentum\": null"))
        #expect(try Settings.load(json5: text) == settings)
        // Strict JSON too, for other programs.
        #expect((try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])?.count == 11)
    }

    @Test func changesAreListed() throws {
        let settings = try Settings.load(overrides: ["optimiser.rate=3e-4", "name=x"])
        #expect(try settings.changes() == ["name: \"run\" -> \"x\"", "optimiser.rate: 0.001 -> 0.0003"])
    }

    @Test func fileIsReadAndWritten() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("c.json").path
        var settings = Settings()
        settings.epochs = 5
        try settings.write(to: path)
        #expect(try Settings.load(file: path) == settings)
        #expect(throws: ConfigurationError("configuration \(path)x does not exist")) {
            try Settings.load(file: path + "x")
        }
        try Data([0xFF, 0xFE, 0]).write(to: URL(fileURLWithPath: path))
        #expect(throws: ConfigurationError("configuration \(path) is not UTF-8 text")) {
            try Settings.load(file: path)
        }
        #expect(throws: ConfigurationError.self) {
            try settings.write(to: folder.path + "/no/such/folder.json")
        }
    }
}
