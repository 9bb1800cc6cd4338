import Faces
import Foundation
import NN
import Perceptual
import Testing
import Torch
import Unmasking

@Suite(.serialized, .enabled(if: PublishedCheckpoints.isReady, "needs Scripts/setup"))
struct ImportTests {
    private func filledGenerator() throws -> StyleGAN2Generator {
        let generator = try StyleGAN2Generator(InversionReference.generator, in: Context(seed: 1))
        try Reference.fill(generator)
        return generator
    }

    @Test func stylegan2WithEverythingAroundIt() throws {
        let (model, report) = try GeneratorModel.imported(PublishedCheckpoints.read("stylegan2.pt"))
        #expect(model.configuration.generator == InversionReference.generator)
        let w = try Reference.hashed("w", [1, 16])
        let expected = try filledGenerator().synthesize(w)
        #expect(try (model.generator.synthesize(w) - expected).abs().amax().item() == 0)
        let mean = try InversionReference.parameter("latent_avg", [16])
        #expect(try (model.meanLatent - mean).abs().amax().item() == 0)

        let judge = try StyleGAN2Discriminator(
            DiscriminatorConfiguration(size: 64, channels: InversionReference.generator.channels),
            in: Context(seed: 1))
        try Reference.fill(judge)
        let image = try Reference.hashed("real", [1, 3, 64, 64])
        let network = try #require(model.discriminator)
        let logits = try network(image)
        #expect(try (logits - judge(image)).abs().amax().item() == 0)

        let raw = report.leftOut.first { $0.keys == "g/*" }
        #expect(raw?.count == filledGenerator(count: true))
        #expect(report.leftOut.contains { $0.keys == "g_optim/*" && $0.reason.contains("optimiser") })
        #expect(report.mapped == model.stateDict().count)
        #expect(report.details["size"] == "64")
        #expect(report.details["channelMultiplier"]?.hasPrefix("none (4: 12") == true)
    }

    private func filledGenerator(count: Bool) -> Int? { try? filledGenerator().stateDict().count }

    @Test func aBareStateDictInTheOldFileFormat() throws {
        let (model, report) = try GeneratorModel.imported(PublishedCheckpoints.read("bare.pt"))
        #expect(model.discriminator == nil && report.leftOut.isEmpty)
        #expect(report.details["meanLatent"] == "measured over 4096 codes")
        let own = try filledGenerator()
        let expected = try own.meanLatent(samples: 4096, generator: Generator(seed: 0))
        #expect(try (model.meanLatent - expected.reshape([16])).abs().amax().item() < 1e-5)
    }

    @Test(arguments: [1, 2])
    func channelMultiplierOfThePublishedTable(multiplier: Int) throws {
        // Shapes alone, as a file of 1024 px has them.
        let published = GeneratorConfiguration.published(size: 1024, channelMultiplier: multiplier)
        #expect(published.channelMultiplier == multiplier)
        let published256 = GeneratorConfiguration.published(size: 256, channelMultiplier: multiplier)
        #expect(published256.channelMultiplier == multiplier)
        #expect(InversionReference.generator.channelMultiplier == nil)
    }

    @Test(arguments: InversionConfiguration.Method.allCases)
    func inversionNetworks(method: InversionConfiguration.Method) throws {
        let checkpoint = try PublishedCheckpoints.read("\(method.rawValue).pt")
        let (model, report) = try InversionModel.imported(checkpoint, as: method)
        #expect(model.configuration.encoder.trunk.stageChannels == [8, 8, 16, 16])
        #expect(model.configuration.encoder.inputSize == 256 && model.configuration.startsFromMean)
        let own = try InversionModel(model.configuration, in: Context(seed: 1))
        try InversionReference.fill(own)
        try own.adoptMeanLatent()
        let faces = try Reference.hashed("face", [1, 3, 256, 256])
        // Formula weights are rounded once more on this side.
        try expectParity(model.reconstruct(faces), own.reconstruct(faces), "\(method) imported")
        #expect(report.mapped == model.stateDict().count)
        let numbers = model.stateDict().reduce(0) { $0 + $1.tensor.count }
        #expect(report.parameters == numbers)
        if method == .e4e {
            #expect(report.leftOut.map(\.keys) == ["optimizer/*", "discriminator_state_dict/a"])
        }

        let other: InversionConfiguration.Method = method == .psp ? .e4e : .psp
        let error = #expect(throws: ImportError.self) {
            try InversionModel.imported(checkpoint, as: other)
        }
        #expect("\(try #require(error))".contains("--as \(method.rawValue)"))
    }

    @Test func whatDoesNotFitIsListedInOneError() throws {
        var checkpoint = try PublishedCheckpoints.read("psp.pt")
        let names = ["state_dict/encoder.body.7.res_layer.1.weight", "state_dict/decoder.to_rgbs.1.bias"]
        checkpoint.tensors[names[0]] = nil
        checkpoint.tensors["latent_avg"] = nil
        checkpoint.tensors[names[1]] = try .zeros([1, 4, 1, 1])
        checkpoint.tensors["state_dict/encoder.surprise"] = try .zeros([2])
        let error = #expect(throws: ImportError.self) {
            try InversionModel.imported(checkpoint, as: .psp)
        }
        guard case .doesNotFit(let path, let network, let missing, let misshaped, let unknown)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path.hasSuffix("psp.pt") && network == "psp")
        #expect(missing == ["latent_avg", names[0]])
        #expect(misshaped == ["\(names[1]) [1, 4, 1, 1], expected [1, 3, 1, 1]"])
        #expect(unknown == ["state_dict/encoder.surprise"])

        checkpoint = try PublishedCheckpoints.read("bare.pt")
        checkpoint.tensors["conv1.activate.bias"] = try .full([12], .nan)
        #expect(throws: TorchError.self) { try GeneratorModel.imported(checkpoint) }
    }

    @Test func otherEncodersAndOtherFilesAreNamed() throws {
        var checkpoint = try PublishedCheckpoints.read("psp.pt")
        checkpoint.values["opts/encoder_type"] = "BackboneEncoderUsingLastLayerIntoW"
        let other = #expect(throws: ImportError.self) {
            try InversionModel.imported(checkpoint, as: .psp)
        }
        #expect("\(try #require(other))".contains("BackboneEncoderUsingLastLayerIntoW"))
        let bare = try PublishedCheckpoints.read("bare.pt")
        let wrong = #expect(throws: ImportError.self) { try InversionModel.imported(bare, as: .e4e) }
        #expect("\(try #require(wrong))".contains("found convs ("))
        #expect(throws: ImportError.self) { try IRSE50.imported(bare) }
        #expect(throws: ImportError.self) { try ImageClassifier.imported(bare, as: .vgg16) }
        #expect(throws: ImportError.self) {
            try GeneratorModel.imported(PublishedCheckpoints.read("parallel.pt"))
        }
    }

    /// Behind `state_dict` and `module.`; its narrow shapes do not fit.
    @Test func recogniserOfAnotherWidthIsRefused() throws {
        let checkpoint = try PublishedCheckpoints.read("parallel.pt")
        let error = #expect(throws: ImportError.self) { try IRSE50.imported(checkpoint) }
        guard case .doesNotFit(_, "ir-se50", let missing, let misshaped, let unknown)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(misshaped.contains("input_layer.0.weight [8, 3, 3, 3], expected [64, 3, 3, 3]"))
        // Where the narrow network keeps its channels, it has no projection.
        #expect(missing.allSatisfy { $0.contains("shortcut_layer") } && unknown.isEmpty)
    }

    @Test func recogniserIsImportedWhole() throws {
        let network = try IRSE50(in: Context(seed: 4)).evaluate()
        let path = NSTemporaryDirectory() + "/\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let state = Dictionary(
            uniqueKeysWithValues: network.stateDict().map { ("module.\($0.key)", $0.tensor) })
        let (model, report) = try IRSE50.imported(CheckpointFile(path: "ir.pth", tensors: state))
        #expect(report.mapped == network.stateDict().count)
        try model.write(to: path)
        let face = try Reference.hashed("face", [1, 3, 112, 112])
        let copy = try IRSE50.read(path)
        #expect(try (copy.embed(face) - network.embed(face)).abs().amax().item() == 0)
    }

    // MARK: Pickles

    @Test(arguments: ["evil.pt", "evil-old.pt"])
    func codeInACheckpointIsRefusedAndNotRun(name: String) throws {
        let path = try PublishedCheckpoints.path(name)
        let error = #expect(throws: ImportError.self) { try CheckpointFile.read(path) }
        let text = "\(try #require(error))"
        #expect(text.contains(name) && text.contains("system"), "\(text)")
        let marker = try PublishedCheckpoints.path("marker")
        #expect(!FileManager.default.fileExists(atPath: marker))
    }

    @Test func otherFilesAndMissingOnesAreNamed() throws {
        let path = NSTemporaryDirectory() + "/\(UUID().uuidString).pt"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("hello".utf8).write(to: URL(filePath: path))
        let text = #expect(throws: ImportError.self) { try CheckpointFile.read(path) }
        #expect("\(try #require(text))".contains("not a PyTorch checkpoint"))
        let absent = #expect(throws: ImportError.self) { try CheckpointFile.read("/nowhere/a.pt") }
        #expect("\(try #require(absent))" == "/nowhere/a.pt: no such file")
        let none = CheckpointPython(python: "/nowhere/python", script: PublishedCheckpoints.python.script)
        let python = #expect(throws: ImportError.self) { try CheckpointFile.read(path, python: none) }
        #expect("\(try #require(python))".contains("run Scripts/setup"))
    }

    @Test func nothingIsLeftInTheScratchFolder() throws {
        let folder = NSTemporaryDirectory() + "/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let checkpoint = try CheckpointFile.read(PublishedCheckpoints.path("stylegan2.pt"), scratch: folder)
        #expect(throws: ImportError.self) {
            try CheckpointFile.read(PublishedCheckpoints.path("evil.pt"), scratch: folder)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        #expect(checkpoint.values["args/size"] == "64")
        #expect(checkpoint.values["ada_aug_p"] == "0.1")
    }
}
