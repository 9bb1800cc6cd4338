import NN
import Testing
import Torch
import Unmasking

/// Checkpoints of 1024 pixels: 18 styles, the published generator whole. Serialised for memory's sake.
@Suite(.serialized, .enabled(if: PublishedCheckpoints.isReady, "needs Scripts/setup"))
struct LargeImportTests {
    private static func read(_ name: String) throws -> CheckpointFile {
        try CheckpointFile.read(PublishedCheckpoints.largePath(name))
    }

    /// Every 32nd pixel, as the fixtures keep pictures.
    private static func sparse(_ image: Tensor) throws -> Tensor {
        try image.slice(dim: 2, from: 3, step: 32).slice(dim: 3, from: 5, step: 32)
    }

    @Test func thePublishedGeneratorIsImportedWholeAndAgrees() throws {
        let (model, report) = try GeneratorModel.imported(Self.read("stylegan2-1024.pt"))
        #expect(model.configuration.generator == .published(size: 1024))
        #expect(report.details["size"] == "1024" && report.details["styles"] == "18")
        #expect(report.details["channelMultiplier"] == "2" && report.details["discriminator"] == "absent")
        #expect(report.mapped == model.stateDict().count && report.parameters > 30_000_000)
        #expect(report.leftOut.allSatisfy { $0.keys.hasPrefix("args") }, "\(report.leftOut)")
        let mean = try Reference.hashed("latent_avg", [512])
        #expect(try (model.meanLatent - mean).abs().amax().item() == 0)
        let image = try noGrad { () throws(TorchError) in
            try model.generator(Reference.hashed("z", [1, 512]))
        }
        #expect(image.shape == [1, 3, 1024, 1024])
        let fixture = try Reference.read("stylegan2.safetensors")
        try expectParity(
            Self.sparse(image), fixture["published.generator.1024"], "imported generator", tolerance: 1e-3)
    }

    @Test(arguments: InversionConfiguration.Method.allCases)
    func encodersOfEighteenStylesAgree(method: InversionConfiguration.Method) throws {
        let checkpoint = try Self.read("\(method.rawValue)-1024.pt")
        let (model, report) = try InversionModel.imported(checkpoint, as: method)
        #expect(model.configuration.encoder.styleCount == 18 && model.configuration.encoder.inputSize == 256)
        #expect(model.configuration.generator.size == 1024 && report.details["styles"] == "18")
        #expect(report.mapped == model.stateDict().count)
        #expect(report.leftOut.allSatisfy { $0.keys.hasPrefix("opts") }, "\(report.leftOut)")
        let fixture = try Reference.read("large-checkpoints.safetensors")
        let faces = try Reference.hashed("face", [1, 3, 256, 256])
        let codes = try noGrad { () throws(TorchError) in try model.encoder.encode(faces).latents }
        try expectParity(codes, fixture["\(method.rawValue).codes"], "\(method) codes", tolerance: 1e-3)
        let image = try noGrad { () throws(TorchError) in try model.reconstruct(faces) }
        try expectParity(
            Self.sparse(image), fixture["\(method.rawValue).image"], "\(method) picture", tolerance: 1e-3)

        var short = checkpoint
        let lost = "state_dict/encoder.styles.17.linear.weight"
        #expect(short.tensors[lost] != nil)
        short.tensors[lost] = nil
        let error = #expect(throws: ImportError.self) { try InversionModel.imported(short, as: method) }
        #expect("\(try #require(error))".contains("missing keys (1): \(lost)"))
    }
}
