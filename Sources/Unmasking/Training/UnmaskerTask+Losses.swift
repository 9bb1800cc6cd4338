import NN
import Perceptual
import Torch
import Training

/// What one forward pass makes of a batch; pictures at the stage's size.
struct UnmaskerPass {
    let faces: UnmaskerBatch
    /// True faces, [batch, 3, s, s], and the mask's alpha, [batch, 1, s, s].
    let clean: Tensor
    let alpha: Tensor
    /// Drawn faces, fp32.
    let output: Tensor
    /// The same where a mask hid the face, and the true face elsewhere; whole where no mask is worn.
    let judged: Tensor
    /// How much of `judged` is drawn, [batch, 1, s, s]: the mask, or everything.
    let drawn: Tensor
    let encoded: EncodedFace
    /// W+ codes, fp32, [batch, styleCount, styleDimension].
    let latents: Tensor
    /// W+ codes of the same photos without masks, from the averaged encoder, outside the graph; nil when no loss asks for them.
    let cleanLatents: Tensor?
    /// What the averaged networks draw of the mirrored photos, mirrored back, outside the graph; nil when no loss asks for it.
    let mirrored: Tensor?
    /// LPIPS's features of `clean`, outside the graph, and of `judged`; nil when no loss asks for them.
    let cleanFeatures: LPIPSFeatures?
    let judgedFeatures: LPIPSFeatures?
    /// Unit embeddings of the true faces, [batch, d] per recogniser of the identity loss, outside the graph; empty when no loss
    /// asks for them.
    let identities: [Tensor]
}

extension UnmaskerTask {
    /// Convolutions run in bfloat16 where the configuration says so; losses stay fp32.
    private func mixed<Result>(_ body: () throws -> Result) throws -> Result {
        try autocast(training.autocastType, on: device, body)
    }

    func forward(_ faces: UnmaskerBatch, stage: UnmaskerStage, step: Int) throws -> UnmaskerPass {
        let model = networks.model
        let size = stage.size
        let full = size == model.size
        let clean = full ? faces.clean : try faces.clean.interpolate(size: [size, size], mode: .area)
        let alpha = full ? faces.alpha : try faces.alpha.interpolate(size: [size, size], mode: .area)
        let (image, encoded) = try mixed {
            let encoded = try model.encoder.encode(
                faces.input, activeDeltas: stage.deltas.active(step: step), previous: nil)
            let image = try model.generator.synthesize(
                encoded.latents, noise: .none, maximumSize: size, featureOffsets: encoded.featureOffsets)
            return (image, encoded)
        }
        let output = try image.to(dtype: .float32)
        // Where no mask is worn the whole picture is judged, else only what the mask hid, in place.
        let worn = try alpha.amax([1, 2, 3], keepdim: true).gt(0.5).to(dtype: .float32)
        let drawn = try alpha * worn + (1 - worn)
        let judged = try composite(output, over: clean, alpha: drawn)
        var cleanLatents: Tensor?
        if stage.consistency.weight > 0
            || (stage.latentAdversarial.weight > 0 && stage.latentAdversarial.real == .clean)
        {
            cleanLatents = try withoutGradients {
                try mixed { try networks.average.average.encoder.encode(faces.clean).latents }.to(
                    dtype: .float32)
            }
        }
        var mirrored: Tensor?
        if stage.mirror.weight > 0 {
            let average = networks.average.average
            mirrored = try withoutGradients {
                try mixed {
                    let encoded = try average.encoder.encode(faces.input.flip([3]))
                    return try average.generator.synthesize(
                        encoded.latents, noise: .none, maximumSize: size,
                        featureOffsets: encoded.featureOffsets)
                }.to(dtype: .float32).flip([3])
            }
        }
        var (cleanFeatures, judgedFeatures): (LPIPSFeatures?, LPIPSFeatures?)
        if stage.looksAtFeatures, let lpips = networks.perceptual {
            cleanFeatures = try mixed {
                try noGrad { () throws(TorchError) in try lpips.features(of: clean) }
            }
            if stage.featureAdversarial.weight > 0 {
                judgedFeatures = try mixed { try lpips.features(of: judged) }
            }
        }
        var identities: [Tensor] = []
        if stage.judgesIdentity, let identity = networks.identity {
            identities = try mixed { try identity.targets(faces.clean) }.map {
                try $0.to(dtype: .float32)
            }
        }
        return UnmaskerPass(
            faces: faces, clean: clean, alpha: alpha, output: output, judged: judged, drawn: drawn,
            encoded: encoded,
            latents: try encoded.latents.to(dtype: .float32), cleanLatents: cleanLatents,
            mirrored: mirrored, cleanFeatures: cleanFeatures, judgedFeatures: judgedFeatures,
            identities: identities)
    }

    /// What encoder and generator minimise.
    func losses(of pass: UnmaskerPass, stage: UnmaskerStage) throws -> Losses {
        var losses = Losses()
        try addPictureLosses(of: pass, stage: stage, to: &losses)
        try addCodeLosses(of: pass, stage: stage, to: &losses)
        if stage.adversarial.weight > 0 {
            try networks.discriminator.requiresGrad_(false)
            let logits = try mixed { try networks.discriminator(pass.judged) }
            losses.add(
                "adversarial", try stage.adversarial.generator(fake: logits.to(dtype: .float32)),
                weight: stage.adversarial.weight)
        }
        if stage.featureAdversarial.weight > 0, let discriminator = networks.featureDiscriminator,
            let features = pass.judgedFeatures
        {
            try discriminator.requiresGrad_(false)
            let logits = try mixed { try discriminator.logits(of: features.maps) }
                .map { try $0.to(dtype: .float32) }
            losses.add(
                "feature adversarial",
                try stage.featureAdversarial.generator(fake: logits, hidden: pass.drawn),
                weight: stage.featureAdversarial.weight)
        }
        return losses
    }

    private func addPictureLosses(of pass: UnmaskerPass, stage: UnmaskerStage, to losses: inout Losses)
        throws
    {
        losses.add(
            "pixel", try stage.pixel(pass.output, target: pass.clean, alpha: pass.alpha),
            weight: stage.pixel.weight)
        if stage.perceptual > 0, let lpips = networks.perceptual, let target = pass.cleanFeatures {
            let distance = try mixed {
                let weights = try pass.alpha * stage.hiddenPerceptual + 1
                return try lpips.distance(lpips.features(of: pass.output), target, weights: weights).to(
                    dtype: .float32
                ).mean()
            }
            losses.add("perceptual", distance, weight: stage.perceptual)
        }
        if stage.mirror.weight > 0, let mirrored = pass.mirrored {
            losses.add(
                "mirror", try stage.mirror(pass.output, mirrored: mirrored, drawn: pass.drawn),
                weight: stage.mirror.weight)
        }
        if stage.variation.weight > 0 {
            losses.add("variation", try stage.variation(pass.output), weight: stage.variation.weight)
        }
        if stage.segmentation.weight > 0, let logits = pass.encoded.maskLogits {
            losses.add(
                "segmentation", try stage.segmentation(logits.to(dtype: .float32), alpha: pass.faces.alpha),
                weight: stage.segmentation.weight)
        }
        try addIdentityLosses(of: pass, stage: stage, to: &losses)
    }

    private func addIdentityLosses(of pass: UnmaskerPass, stage: UnmaskerStage, to losses: inout Losses)
        throws
    {
        guard stage.judgesIdentity, let identity = networks.identity else { return }
        // The recognisers' crops are laid out for faces of full size.
        let full = [networks.model.size, networks.model.size]
        let judged = stage.size == networks.model.size ? pass.judged : try pass.judged.interpolate(size: full)
        let embeddings = try mixed { try identity.embeddings(judged, generator: generator) }.map {
            try $0.to(dtype: .float32)
        }
        if stage.identity > 0 {
            losses.add(
                "identity", try identity.distance(embeddings, targets: pass.identities),
                weight: stage.identity)
        }
        if stage.identityContrast.weight > 0 {
            var sum = try Tensor.scalar(0, device: device)
            for (index, queue) in identityQueues.enumerated() {
                sum =
                    try sum
                    + stage.identityContrast(
                        embeddings[index], targets: pass.identities[index], queue: queue.embeddings)
            }
            losses.add(
                "contrast", try sum / Double(identityQueues.count), weight: stage.identityContrast.weight)
        }
    }

    private func addCodeLosses(of pass: UnmaskerPass, stage: UnmaskerStage, to losses: inout Losses) throws {
        if stage.latent.normWeight > 0 {
            let mean = try networks.model.encoder.meanLatent.unsqueeze(1)
            losses.add(
                "norm", try stage.latent.norm(pass.latents, mean: mean), weight: stage.latent.normWeight)
        }
        if stage.latent.deltaWeight > 0 {
            losses.add("delta", try stage.latent.delta(pass.latents), weight: stage.latent.deltaWeight)
        }
        if stage.featureOffset > 0, !pass.encoded.featureOffsets.isEmpty {
            var sum = try Tensor.scalar(0, device: device)
            for (_, offset) in pass.encoded.featureOffsets.sorted(by: { $0.key < $1.key }) {
                sum = try sum + offset.to(dtype: .float32).square().mean()
            }
            losses.add("offsets", sum, weight: stage.featureOffset)
        }
        if stage.consistency.weight > 0, let target = pass.cleanLatents {
            losses.add(
                "consistency", try stage.consistency(pass.latents, target: target),
                weight: stage.consistency.weight)
        }
        if stage.latentAdversarial.weight > 0 {
            try networks.latentDiscriminator.requiresGrad_(false)
            let logits = try networks.latentDiscriminator(pass.latents)
            losses.add(
                "latent adversarial", try AdversarialLoss().generator(fake: logits),
                weight: stage.latentAdversarial.weight)
        }
    }

    /// Adds the gradients of path-length regularisation, in steps in which it is due.
    func regularisePaths(_ pass: UnmaskerPass, stage: UnmaskerStage, _ context: StepContext) throws {
        let regularisation = PathLengthRegularization(stage.pathLength, meanLength: pathLength)
        guard !stage.freezesGenerator, regularisation.isDue(step: context.step) else { return }
        let count = regularisation.batch(of: pass.faces.count)
        let latents = try pass.latents.detach().narrow(0, 0, count).contiguous().requiresGrad_()
        var offsets: [Int: Tensor] = [:]
        for (resolution, offset) in pass.encoded.featureOffsets {
            offsets[resolution] = try offset.detach().narrow(0, 0, count).to(dtype: .float32)
        }
        let generator = networks.model.generator
        let images = try generator.withSecondOrderFilters {
            try generator.synthesize(
                latents, noise: .none, maximumSize: stage.size, featureOffsets: offsets)
        }
        let penalty = try regularisation.penalty(
            images: images, latents: latents,
            direction: Tensor.randn(images.shape, generator: self.generator))
        var losses = Losses()
        losses.add("path length", penalty, weight: regularisation.weight)
        try context.backward(losses)
        pathLength = regularisation.meanLength
    }

    func updateDiscriminator(_ pass: UnmaskerPass, stage: UnmaskerStage, _ context: StepContext) throws {
        let discriminator = networks.discriminator
        try discriminator.requiresGrad_(true)
        let (real, fake) = try mixed {
            (
                try discriminator(pass.clean).to(dtype: .float32),
                try discriminator(pass.judged.detach()).to(dtype: .float32)
            )
        }
        var losses = Losses()
        losses.add("discriminator", try stage.adversarial.discriminator(real: real, fake: fake))
        if stage.r1.isDue(step: context.step) {
            losses.add(
                "r1", try stage.r1.penalty(pass.clean, discriminator: discriminator), weight: stage.r1.weight)
        }
        try context.minimise(losses, with: "discriminator")
        try context.log("real", real.mean().item())
        try context.log("fake", fake.mean().item())
    }

    func updateFeatureDiscriminator(_ pass: UnmaskerPass, stage: UnmaskerStage, _ context: StepContext)
        throws
    {
        guard let discriminator = networks.featureDiscriminator, let clean = pass.cleanFeatures,
            let judged = try pass.judgedFeatures?.detached()
        else { return }
        try discriminator.requiresGrad_(true)
        let (real, fake) = try mixed {
            let maps = try zip(clean.maps, judged.maps).map { try Tensor.cat([$0, $1]) }
            let logits = try discriminator.logits(of: maps).map { try $0.to(dtype: .float32) }
            let count = pass.faces.count
            return (
                try logits.map { try $0.narrow(0, 0, count) },
                try logits.map { try $0.narrow(0, count, count) }
            )
        }
        var losses = Losses()
        losses.add(
            "feature discriminator",
            try stage.featureAdversarial.discriminator(real: real, fake: fake, hidden: pass.drawn))
        try context.minimise(losses, with: "featureDiscriminator")
    }

    func updateLatentDiscriminator(_ pass: UnmaskerPass, stage: UnmaskerStage, _ context: StepContext) throws
    {
        let (settings, discriminator) = (stage.latentAdversarial, networks.latentDiscriminator)
        try discriminator.requiresGrad_(true)
        let codes: Tensor
        if let clean = pass.cleanLatents, settings.real == .clean {
            codes = clean
        } else {
            codes = try noGrad { () throws(TorchError) in
                try networks.model.generator.mapping(
                    Tensor.randn([pass.faces.count, pass.latents.size(2)], generator: generator))
            }
        }
        let real = try realCodes.exchange(codes)
        let fake = try fakeCodes.exchange(pass.latents)
        var losses = Losses()
        losses.add(
            "latent discriminator",
            try AdversarialLoss().discriminator(real: discriminator(real), fake: discriminator(fake)))
        if settings.r1.isDue(step: context.step) {
            losses.add(
                "latent r1", try settings.r1.penalty(real, discriminator: discriminator),
                weight: settings.r1.weight)
        }
        try context.minimise(losses, with: "latentDiscriminator")
    }
}
