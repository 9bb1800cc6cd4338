import NN
import Torch

/// One update of encoder, generator and (in adversarial stages) discriminator.
///
/// The order differs from the published one, which trains a generator on random codes first and an encoder after it: here
/// encoder and generator learn together to reconstruct faces, first clean ones (the face prior), then masked ones. On a small
/// budget that buys a generator that spends its capacity on codes that photos really have.
public struct UnmaskerStep {
    public let networks: UnmaskerNetworks
    /// Convolutions run in this type where given (bfloat16 on CPUs that compute with it); losses stay fp32.
    public let precision: ScalarType?

    public init(_ networks: UnmaskerNetworks, precision: ScalarType?) {
        self.networks = networks
        self.precision = precision
    }

    private var device: Device { networks.model.generator.input.device }

    /// - Parameters:
    ///   - batch: full-size faces.
    ///   - stage: sizes and weights.
    ///   - step: steps done in all, for lazy penalties and the average's warm-up.
    ///   - rateFactor: 0…1, where between the stage's final and first rate the schedule stands.
    /// - Returns: unweighted values of the terms.
    /// - Throws: `UnmaskingError.notFinite` before any weight has changed, or `TorchError`.
    public func callAsFunction(_ batch: UnmaskerBatch, stage: UnmaskerStage, step: Int, rateFactor: Double)
        throws
        -> [String: Double]
    {
        let model = networks.model
        let size = stage.size
        let full = size == model.size
        let clean = full ? batch.clean : try batch.clean.interpolate(size: [size, size], mode: .area)
        let alpha = full ? batch.alpha : try batch.alpha.interpolate(size: [size, size], mode: .area)
        for (optimizer, rate) in [
            (networks.encoderOptimizer, stage.rate), (networks.generatorOptimizer, stage.rate),
            (networks.discriminatorOptimizer, stage.discriminatorRate),
        ] {
            let final = stage.rate > 0 ? stage.finalRate / stage.rate * rate : rate
            for index in optimizer.groups.indices {
                optimizer.groups[index].baseRate = final + (rate - final) * rateFactor
            }
        }

        var report = LossReport()
        let (image, encoded) = try autocast(precision, on: device) {
            let encoded = try model.encoder.encode(batch.input)
            let image = try model.generator.synthesize(
                encoded.latents, noise: .none, maximumSize: size, featureOffsets: encoded.featureOffsets)
            return (image, encoded)
        }
        let output = try image.to(dtype: .float32)
        report.add("pixel", try stage.pixel(output, target: clean, alpha: alpha), weight: stage.pixel.weight)
        if stage.perceptual > 0, let lpips = networks.perceptual {
            let distance = try autocast(precision, on: device) {
                let target = try noGrad { () throws(TorchError) in try lpips.features(of: clean) }
                let weights = try alpha * stage.hiddenPerceptual + 1
                return try lpips.distance(try lpips.features(of: output), target, weights: weights).to(
                    dtype: .float32
                ).mean()
            }
            report.add("perceptual", distance, weight: stage.perceptual)
        }
        if stage.segmentation.weight > 0, let logits = encoded.maskLogits {
            report.add(
                "segmentation", try stage.segmentation(logits.to(dtype: .float32), alpha: batch.alpha),
                weight: stage.segmentation.weight)
        }
        let latents = try encoded.latents.to(dtype: .float32)
        if stage.latent.normWeight > 0 {
            report.add(
                "norm", try stage.latent.norm(latents, mean: model.encoder.meanLatent.unsqueeze(1)),
                weight: stage.latent.normWeight)
        }
        if stage.latent.deltaWeight > 0 {
            report.add("delta", try stage.latent.delta(latents), weight: stage.latent.deltaWeight)
        }
        if stage.featureOffset > 0, !encoded.featureOffsets.isEmpty {
            var sum = try Tensor.scalar(0, device: device)
            for (_, offset) in encoded.featureOffsets.sorted(by: { $0.key < $1.key }) {
                sum = try sum + offset.to(dtype: .float32).square().mean()
            }
            report.add("offsets", sum, weight: stage.featureOffset)
        }
        // Where no mask is worn the whole picture is judged, else only what the mask hid, in place.
        let worn = try alpha.amax([1, 2, 3], keepdim: true).gt(0.5).to(dtype: .float32)
        let judged = try composite(output, over: clean, alpha: alpha * worn + (1 - worn))
        if stage.identity > 0, let identity = networks.identity {
            let loss = try autocast(precision, on: device) {
                try identity(judged, targets: identity.targets(clean)).to(dtype: .float32)
            }
            report.add("identity", loss, weight: stage.identity)
        }
        if stage.adversarial.weight > 0 {
            try networks.discriminator.requiresGrad_(false)
            let logits = try autocast(precision, on: device) { try networks.discriminator(judged) }
            report.add(
                "adversarial", try stage.adversarial.generator(fake: logits.to(dtype: .float32)),
                weight: stage.adversarial.weight)
        }

        var values = try report.scalars()
        try networks.encoderOptimizer.zeroGrad()
        try networks.generatorOptimizer.zeroGrad()
        try report.total().backward()
        values["gradient"] = try networks.encoderOptimizer.clipGradients(norm: 10)
        try networks.encoderOptimizer.step()
        if !stage.freezesGenerator {
            try networks.generatorOptimizer.clipGradients(norm: 10)
            try networks.generatorOptimizer.step()
        }
        if stage.adversarial.weight > 0 {
            let more = try updateDiscriminator(real: clean, fake: judged.detach(), stage: stage, step: step)
            values.merge(more) { $1 }
        }
        // A short memory at first, so that the average forgets the random start.
        try networks.average.update(decay: min(networks.average.decay, Double(step + 1) / Double(step + 10)))
        return values
    }

    private func updateDiscriminator(real: Tensor, fake: Tensor, stage: UnmaskerStage, step: Int) throws
        -> [String: Double]
    {
        let discriminator = networks.discriminator
        try discriminator.requiresGrad_(true)
        var report = LossReport()
        let logits = try autocast(precision, on: device) {
            (try discriminator(real).to(dtype: .float32), try discriminator(fake).to(dtype: .float32))
        }
        report.add("discriminator", try stage.adversarial.discriminator(real: logits.0, fake: logits.1))
        if stage.r1.isDue(step: step) {
            let penalty = try stage.r1.penalty(real, discriminator: discriminator)
            report.add("r1", penalty, weight: stage.r1.weight)
        }
        var values = try report.scalars()
        try networks.discriminatorOptimizer.zeroGrad()
        try report.total().backward()
        try networks.discriminatorOptimizer.step()
        values["real"] = try logits.0.mean().item()
        values["fake"] = try logits.1.mean().item()
        return values
    }
}
