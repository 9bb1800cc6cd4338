import Foundation
import Imaging
import NN
import Perceptual
import Testing
import Torch
import Unmasking

@Suite struct LossTests {
    let reference: [String: [Double]]
    let output: Tensor
    let target: Tensor
    let alpha: Tensor

    init() throws {
        reference = try JSONDecoder().decode(
            [String: [Double]].self, from: Data(contentsOf: Reference.fixtures.appending(path: "losses.json"))
        )
        output = try Reference.hashed("output", [2, 3, 8, 6])
        target = try Reference.hashed("target", [2, 3, 8, 6])
        alpha = try Reference.hashed("alpha", [2, 1, 8, 6]).sigmoid()
    }

    func expect(_ value: Tensor, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let expected = try Tensor(values: #require(reference[name]).map(Float.init), shape: value.shape)
        try expectParity(value, expected, name, sourceLocation: sourceLocation)
    }

    @Test func pixelLosses() throws {
        try expect(PixelLoss(norm: .l1)(output, target: target), "pixel.l1")
        try expect(PixelLoss(norm: .l2)(output, target: target), "pixel.l2")
        try expect(PixelLoss(norm: .smooth)(output, target: target), "pixel.smooth")
        try expect(
            PixelLoss(norm: .l1, hidden: 5, visible: 0.5)(output, target: target, alpha: alpha),
            "pixel.weighted")
        try expect(TotalVariationLoss()(output), "variation")
    }

    @Test func latentRegularization() throws {
        let latents = try Reference.hashed("latents", [3, 5, 4])
        let regularization = LatentRegularization()
        try expect(regularization.norm(latents, mean: Reference.hashed("mean", [1, 4])), "latent.norm")
        try expect(regularization.delta(latents), "latent.delta")
        // At the mean itself, where training starts, the gradients are finite.
        let start = try Tensor.zeros([2, 5, 4]).requiresGrad_()
        let sum = try regularization.norm(start, mean: Tensor.zeros([1, 4])) + regularization.delta(start)
        try sum.backward()
        #expect(try #require(try start.grad).allFinite())
        let consistency = try LatentConsistencyLoss()(latents, target: latents + 2)
        #expect(abs(try consistency.item() - 4) < 1e-5)
    }

    /// Half of the pixels are drawn, and only these count; no gradient flows into the mirrored picture.
    @Test func mirrorConsistency() throws {
        let output = try Reference.hashed("output", [2, 3, 4, 4]).requiresGrad_()
        let mirrored = try (output.detach() + 0.5).requiresGrad_()
        var values = [Float](repeating: 0, count: 32)
        for i in 0..<16 { values[i] = 1 }
        let drawn = try Tensor(values: values, shape: [2, 1, 4, 4])
        let loss = try MirrorConsistencyLoss()(output, mirrored: mirrored, drawn: drawn)
        #expect(abs(try loss.item() - 0.5) < 1e-5)
        try loss.backward()
        #expect(try mirrored.grad == nil)
        let gradient = try #require(try output.grad)
        #expect(try gradient.narrow(0, 0, 1).abs().amin().item() > 0)
        #expect(try gradient.narrow(0, 1, 1).abs().amax().item() == 0)
    }

    @Test func adversarialLosses() throws {
        let (real, fake) = (
            try Reference.hashed("logits.real", [4, 1]), try Reference.hashed("logits.fake", [4, 1])
        )
        try expect(AdversarialLoss().generator(fake: fake), "adversarial.generator")
        try expect(AdversarialLoss().discriminator(real: real, fake: fake), "adversarial.discriminator")
    }

    @Test func featureAdversarialLossCountsHiddenCells() throws {
        let loss = FeatureAdversarialLoss()
        let fake = [
            try Tensor([0.5, -3, 2, 9], shape: [1, 1, 2, 2]), try Tensor([-0.5], shape: [1, 1, 1, 1]),
        ]
        let real = [
            try Tensor([2.0, 0, -1, 9], shape: [1, 1, 2, 2]), try Tensor([0.25], shape: [1, 1, 1, 1]),
        ]
        // Of 4x4 pixels the upper left quarter counts whole, the upper right one half; the lower ones not at all.
        let hidden = try Tensor(
            [1, 1, 0.5, 0.5, 1, 1, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0], shape: [1, 1, 4, 4])
        let drawn = try loss.generator(fake: fake, hidden: hidden)
        #expect(abs(try drawn.item() - ((-0.5 + 0.5 * 3) / 1.5 + 0.5) / 2) < 1e-6)
        let told = try loss.discriminator(real: real, fake: fake, hidden: hidden)
        // Real: (0 + 0.5 · 1) / 1.5 and 0.75; fake: (1.5 + 0) / 1.5 and 0.5.
        #expect(abs(try told.item() - ((0.5 / 1.5 + 0.75) / 2 + (1 + 0.5) / 2)) < 1e-6)
    }

    @Test func segmentationLosses() throws {
        let logits = try Reference.hashed("mask", [2, 1, 4, 3])
        try expect(SegmentationLoss(diceWeight: 0)(logits, alpha: alpha), "segmentation.entropy")
        try expect(SegmentationLoss(diceWeight: 0.5)(logits, alpha: alpha), "segmentation.both")
    }

    @Test func alignedCropSamplesAsByHand() throws {
        let crop = try AlignedCrop(matrix: [1.1, -0.2, 0.7, 0.2, 1.1, -0.4], height: 5, width: 4)
        let image = try output[0..<1].narrow(1, 0, 1)
        try expect(crop(image), "warp")
        // The sampling grid is kept; another size must not reuse it.
        let identity = try AlignedCrop(matrix: [1, 0, 0, 0, 1, 0], height: 6, width: 6)
        let square = try output.narrow(2, 1, 6)
        #expect(try (identity(square) - square).abs().amax().item() < 1e-5)
        #expect(try (identity(output) - output.narrow(2, 0, 6)).abs().amax().item() < 1e-5)
        // A transform from the source to the crop samples through its inverse.
        let half = try AlignedCrop(AffineTransform2D.scale(0.5), height: 3, width: 3)
        let picked = try square.slice(dim: 2, step: 2).slice(dim: 3, step: 2)
        #expect(try (half(square) - picked).abs().amax().item() < 1e-5)
        #expect(throws: TorchError.self) { try AlignedCrop(matrix: [1, 0], height: 5, width: 4) }
        #expect(throws: TorchError.self) { try AlignedCrop(AffineTransform2D.scale(0), height: 5, width: 4) }
    }

    @Test func identityLossAveragesRecognisers() throws {
        let whole = try AlignedCrop(matrix: [1, 0, 0, 0, 1, 0], height: 8, width: 6)
        let pixels = IdentityLoss.Recogniser(name: "pixels", crop: whole) { (x) throws(TorchError) in
            try x.flatten(from: 1)
        }
        let one = IdentityLoss(recognisers: [pixels])
        try expect(one(output, targets: one.targets(target)), "identity")
        let two = IdentityLoss(recognisers: [pixels, pixels])
        try expect(two(output, targets: two.targets(target)), "identity")
        #expect(throws: TorchError.self) { try two(output, targets: []) }
    }

    @Test func identityContrastComparesWithBatchAndQueue() throws {
        let embeddings = try output.flatten(from: 1).l2Normalised()
        let targets = try target.flatten(from: 1).l2Normalised()
        let loss = IdentityContrastLoss(scale: 20)
        try expect(loss(embeddings, targets: targets, queue: nil), "contrast.batch")
        let others = try Reference.hashed("queue", [5, 144]).l2Normalised()
        try expect(loss(embeddings, targets: targets, queue: others), "contrast.queue")
        let own = try embeddings.detach().requiresGrad_()
        let fixed = try targets.detach().requiresGrad_()
        try loss(own, targets: fixed, queue: others).backward()
        #expect(try own.grad?.abs().amax().item() ?? 0 > 0)
        #expect(try fixed.grad == nil)
    }

    @Test func embeddingQueueKeepsTheNewest() throws {
        let queue = EmbeddingQueue(capacity: 5)
        #expect(queue.embeddings == nil)
        for start in [0.0, 2, 4] {
            try queue.append(Tensor([start, start + 1], shape: [2, 1]).requiresGrad_())
        }
        let kept = try #require(queue.embeddings)
        #expect(try kept.floats() == [1, 2, 3, 4, 5])
        #expect(!kept.requiresGrad)
        let nothing = EmbeddingQueue(capacity: 0)
        try nothing.append(Tensor([1], shape: [1, 1]))
        #expect(nothing.embeddings == nil)
    }

    @Test func identityViewsStartFromTheCrop() throws {
        let crop = try AlignedCrop(matrix: [1.1, -0.2, 0.7, 0.2, 1.1, -0.4], height: 9, width: 8)
        let face = try Reference.hashed("face", [3, 3, 12, 10])
        let fixed = try crop(face)
        var still = IdentityAugmentation()
        (still.shift, still.zoom, still.turn, still.flip) = (0, 0, 0, 0)
        (still.sharpness, still.noise, still.light) = (1, 0, 0)
        let generator = try Generator(seed: 4)
        // Both maps are the same, calculated in other coordinates.
        #expect(try (still(face, crop: crop, generator: generator) - fixed).abs().amax().item() < 1e-4)
        var mirrored = still
        mirrored.flip = 1
        #expect(
            try (mirrored(face, crop: crop, generator: generator) - fixed.flip([3])).abs().amax().item()
                < 1e-4)

        // Every sample its own view, another one each time, the same under a seed, and the gradient reaches the face.
        let same = try face.narrow(0, 0, 1).expand([3, 3, 12, 10]).contiguous().requiresGrad_()
        let views = try IdentityAugmentation()(same, crop: crop, generator: Generator(seed: 5))
        #expect(try (views.narrow(0, 0, 1) - views.narrow(0, 1, 1)).abs().amax().item() > 0.05)
        let again = try IdentityAugmentation()(same, crop: crop, generator: Generator(seed: 5))
        #expect(try (views - again).abs().amax().item() == 0)
        try views.sum().backward()
        #expect(try same.grad?.abs().amax().item() ?? 0 > 0)

        let pixels = IdentityLoss.Recogniser(name: "pixels", crop: crop) { (x) throws(TorchError) in
            try x.flatten(from: 1)
        }
        let loss = IdentityLoss(recognisers: [pixels], augmentation: still)
        #expect(try loss(face, targets: loss.targets(face), generator: generator).item() < 1e-4)
        #expect(throws: TorchError.self) { try loss(face, targets: loss.targets(face)) }
    }

    @Test func perceptualLossCombinesWholeHiddenAndRegion() throws {
        let region = CropRegion(top: 4, left: 1, height: 4, width: 4)
        let settings = PerceptualLoss.Settings(whole: 2, hidden: 5, region: 3, crop: region)
        let loss = PerceptualLoss(settings) { (a, b, weights) throws(TorchError) in
            let error = try (a - b).square()
            return try weights.map { (map) throws(TorchError) in try ((map ?? error) * error).mean([1, 2, 3])
            }
        }
        let error = try (output - target).square()
        let whole = try (error * error).mean().item()
        let hidden = try (error * alpha).mean().item()
        let part = try region.crop(error * error).mean().item()
        let all = try loss(output, target: target, alpha: alpha).item()
        #expect(abs(all - 2 * whole - 5 * hidden - 3 * part) < 1e-4 * all)
        let unmasked = try loss(output, target: target).item()
        #expect(abs(unmasked - 2 * whole - 3 * part) < 1e-4 * all)
        #expect(throws: TorchError.self) { try CropRegion(top: 6, left: 0, height: 4, width: 4).crop(output) }
        let nothing = PerceptualLoss(.init(whole: 0)) { (_, _, _) throws(TorchError) in [] }
        #expect(throws: TorchError.self) { try nothing(output, target: target) }
    }

    @Test func perceptualLossThroughLPIPS() throws {
        let lpips = try LPIPS(.alex, in: Context(seed: 2))
        let a = try Reference.hashed("lpips.a", [2, 3, 64, 64]).requiresGrad_()
        let b = try Reference.hashed("lpips.b", [2, 3, 64, 64])
        let alpha = try Reference.hashed("lpips.alpha", [2, 1, 64, 64]).sigmoid()
        let loss = try PerceptualLoss(.init(whole: 1, hidden: 2), lpips: lpips)(a, target: b, alpha: alpha)
        let expected = try (lpips(a, b) + lpips(a, b, weights: alpha) * 2).mean()
        #expect(abs(try loss.item() - expected.item()) < 1e-5 * abs(try expected.item()))
        try loss.backward()
        #expect(try #require(try a.grad).abs().amax().item() > 0)
    }

    @Test func latentPoolIsReproducibleAndMixesOldCodes() throws {
        func run() throws -> [Float] {
            let pool = LatentPool(capacity: 3, seed: 9)
            var seen: [Float] = []
            for step in 0..<6 {
                seen += try pool.exchange(Reference.hashed("codes.\(step)", [2, 4, 5])).floats()
            }
            #expect(pool.codes.count == 3)
            return seen
        }
        let first = try run()
        #expect(try first == run())
        var fresh: [Float] = []
        let empty = LatentPool(capacity: 0, seed: 9)
        for step in 0..<6 {
            fresh += try empty.exchange(Reference.hashed("codes.\(step)", [2, 4, 5])).floats()
        }
        #expect(first != fresh)
    }

    @Test func latentDiscriminatorJudgesEveryStyleAndTakesTheGradientPenalty() throws {
        let discriminator = try LatentDiscriminator(styleDimension: 6, in: Context(seed: 4))
        #expect(discriminator.stateDict().map(\.key).first == "mlp.0.weight")
        #expect(discriminator.stateDict().map(\.key).last == "mlp.6.bias")
        let codes = try Reference.hashed("codes", [3, 4, 6])
        let logits = try discriminator(codes)
        #expect(logits.shape == [12, 1])
        #expect(try (logits[4..<5] - discriminator(codes[1].narrow(0, 0, 1))).abs().amax().item() < 1e-6)
        try R1Regularization().penalty(codes[0], discriminator: discriminator).backward()
        #expect(try #require(try discriminator.parameters()[0].grad).abs().amax().item() > 0)
    }

    @Test func compositeKeepsVisiblePixels() throws {
        let half = try Tensor.cat([Tensor.zeros([2, 1, 4, 6]), Tensor.ones([2, 1, 4, 6])], dim: 2)
        let blended = try composite(output, over: target, alpha: half)
        #expect(try (blended.narrow(2, 0, 4) - target.narrow(2, 0, 4)).abs().amax().item() == 0)
        #expect(try (blended.narrow(2, 4, 4) - output.narrow(2, 4, 4)).abs().amax().item() < 1e-6)
    }
}
