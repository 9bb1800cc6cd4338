import Foundation
import NN
import Testing
import Torch
import Unmasking

@Suite(.serialized) struct StylePyramidTests {
    @Test(arguments: InversionConfiguration.Method.allCases)
    func narrowEncodersAgreeWithReference(method: InversionConfiguration.Method) throws {
        let fixture = try Reference.read("inversion.safetensors")
        let model = try InversionReference.model(method)
        let faces = try Reference.hashed("face", [2, 3, 64, 64]).requiresGrad_()
        let codes = try model.encoder(faces)
        try expectParity(codes, fixture[method.rawValue], "\(method) codes")
        let direction = try Reference.hashed("direction", codes.shape)
        let gradient = try Autograd.grad(outputs: [(codes * direction).sum()], inputs: [faces])[0]
        try expectParity(
            try InversionReference.sparse(gradient), fixture["\(method.rawValue).gradient"],
            "\(method) gradient")
    }

    /// Encoder, mean latent and decoder together.
    @Test func reconstructionAgreesWithReference() throws {
        let model = try InversionReference.model(.psp)
        let image = try noGrad { () throws(TorchError) in
            try model.reconstruct(Reference.hashed("face", [2, 3, 64, 64]))
        }
        try expectParity(
            try InversionReference.sparse(image), Reference.read("inversion.safetensors")["psp.image"],
            "pSp image")
    }

    @Test func deltasOfE4ESwitchOnOneAfterTheOther() throws {
        let fixture = try Reference.read("inversion.safetensors")
        let model = try InversionReference.model(.e4e)
        let faces = try Reference.hashed("face", [2, 3, 64, 64])
        for stage in [0, 1, 4, 8] {
            let codes = try model.encoder.encode(faces, activeDeltas: stage, previous: nil).latents
            try expectParity(codes, fixture["e4e.stage.\(stage)"], "e4e stage \(stage)")
        }
    }

    @Test func publishedEncodersHaveThePublishedKeysAndAgree() throws {
        let configuration = StylePyramidConfiguration(styleCount: 14)
        let fixture = try Reference.read("inversion.safetensors")
        let encoder = try Encoder4Editing(configuration, in: Context(seed: 1))
        let actual = Dictionary(uniqueKeysWithValues: encoder.stateDict().map { ($0.key, $0.tensor.shape) })
        #expect(try actual == InversionReference.keys("encoder.14"))
        try InversionReference.fill(encoder, prefix: "encoder.")
        try encoder.setMeanLatent(InversionReference.parameter("latent_avg", [14, 512]))
        let faces = try Reference.hashed("face", [1, 3, 256, 256])
        let clock = ContinuousClock()
        let start = clock.now
        let codes = try noGrad { () throws(TorchError) in try encoder(faces) }
        if ProcessInfo.processInfo.environment["PARITY_REPORT"] != nil {
            print("full encoder, one face:", (clock.now - start) / .milliseconds(1), "ms")
        }
        try expectParity(codes, fixture["full.e4e"], "full e4e")
        // The same weights under pSp's rule: deltas were added to style 0.
        let first = encoder.meanLatent
        let mean = try first.narrow(1, 0, 1)
        let shared = try codes.narrow(1, 0, 1) - mean
        var psp = try codes - shared
        psp = try .cat([codes.narrow(1, 0, 1), psp.narrow(1, 1, 13)], dim: 1)
        try expectParity(psp, fixture["full.psp"], "full pSp")
    }

    @Test func meanLatentsOfOneCodeAndOfEveryStyleAreTaken() throws {
        let encoder = try GradualStyleEncoder(InversionReference.narrow, in: Context(seed: 1)).evaluate()
        let faces = try Reference.hashed("face", [1, 3, 64, 64])
        let plain = try encoder(faces)
        let mean = try Reference.hashed("mean", [16])
        try encoder.setMeanLatent(mean)
        #expect(try (encoder(faces) - plain - mean).abs().amax().item() < 1e-5)
        #expect(encoder.stateDict().allSatisfy { !$0.key.contains("latent") })
        #expect(throws: TorchError.self) { try encoder.setMeanLatent(.zeros([3, 16])) }
        let previous = try Reference.hashed("previous", [1, 10, 16])
        let refined = try encoder.encode(faces, activeDeltas: nil, previous: previous).latents
        #expect(try (refined - previous - plain).abs().amax().item() < 1e-5)
        #expect(throws: TorchError.self) { try encoder(Tensor.zeros([1, 3, 32, 32])) }
    }

    @Test func filesKeepTheNetwork() throws {
        let path = NSTemporaryDirectory() + "/\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try InversionReference.model(.e4e)
        try model.write(to: path)
        let copy = try InversionModel.read(path)
        #expect(copy.configuration == model.configuration)
        let faces = try Reference.hashed("face", [1, 3, 64, 64])
        #expect(try (copy.reconstruct(faces) - model.reconstruct(faces)).abs().amax().item() == 0)
        let error = #expect(throws: UnmaskingError.self) { try GeneratorModel.read(path) }
        #expect("\(try #require(error))".contains("not a generator (format semblance-inversion-1"))
    }

    @Test func encoderAndGeneratorMustFit() throws {
        var encoder = InversionReference.narrow
        encoder.styleCount = 12
        let configuration = InversionConfiguration(
            method: .psp, encoder: encoder, generator: InversionReference.generator)
        let error = #expect(throws: UnmaskingError.self) { try configuration.validate() }
        #expect("\(try #require(error))".contains("do not fit together"))
    }
}
