import NN
import Testing
import Torch
import Unmasking

@Suite struct DiscriminatorTests {
    func filled(progressive: Bool = false) throws -> StyleGAN2Discriminator {
        let discriminator = try StyleGAN2Discriminator(
            DiscriminatorConfiguration(
                size: 32, channels: GeneratorTests.small.channels, progressiveInputs: progressive),
            in: Context(seed: 1))
        try Reference.fill(discriminator)
        return discriminator
    }

    @Test(arguments: [3, 4, 6])
    func agreesWithReference(batch: Int) throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let logits = try filled()(Reference.hashed("real.\(batch)", [batch, 3, 32, 32]))
        try expectParity(logits, fixture["discriminator.\(batch)"], "logits of \(batch)")
    }

    @Test func judgesSmallerImagesThroughTheirOwnInput() throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let image = try Reference.hashed("lower", [4, 3, 16, 16])
        try expectParity(filled(progressive: true)(image), fixture["discriminator.lower"], "lower")
        let error = #expect(throws: TorchError.self) { try filled()(image) }
        #expect(error?.description.contains("[32]") == true)
    }

    @Test func gradientsAgreeWithReference() throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let discriminator = try filled()
        let image = try Reference.hashed("real.4", [4, 3, 32, 32]).requiresGrad_()
        let loss = try AdversarialLoss().generator(fake: discriminator(image))
        try expectParity(loss.reshape([1]), fixture["discriminator.loss"], "loss")
        try loss.backward()
        try expectParity(image.grad, fixture["discriminator.grad.image"], "grad of image")
        for (key, parameter) in discriminator.namedParameters() {
            try expectParity(parameter.grad, fixture["discriminator.grad.\(key)"], "grad.\(key)")
        }
    }

    @Test func gradientPenaltyAndItsGradientsAgreeWithReference() throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let discriminator = try filled()
        let penalty = try R1Regularization().penalty(
            Reference.hashed("real.4", [4, 3, 32, 32]), discriminator: discriminator)
        try expectParity(penalty.reshape([1]), fixture["r1.penalty"], "penalty")
        try penalty.backward()
        for (key, parameter) in discriminator.namedParameters() {
            guard let expected = fixture["r1.grad.\(key)"] else { continue }
            try expectParity(parameter.grad, expected, "r1.grad.\(key)")
        }
    }
}
