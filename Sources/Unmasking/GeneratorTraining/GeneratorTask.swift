import Foundation
import NN
import Perceptual
import Torch
import Training

/// One update of a StyleGAN2 generator and its discriminator, as published (Karras et al. 2020): non-saturating logistic loss, R1 and
/// path-length regularisation in updates of their own every few steps, style mixing, noise, and adaptive augmentation of what the
/// discriminator sees.
///
/// Adam's rates and moments are corrected for the additional updates: both are taken to the power (rates: times) of k / (k + 1) for
/// a regularisation every k steps (appendix B).
public final class GeneratorTask: TrainingTask {
    public let training: GeneratorTraining
    public let generator: StyleGAN2Generator
    public let discriminator: StyleGAN2Discriminator
    public let average: EMA<StyleGAN2Generator>
    public let components: TrainingComponents
    /// The probability of augmentation.
    public private(set) var augmentation: AdaptiveProbability
    /// Source of the features that the kernel distance is measured in; nil measures none.
    let features: LPIPS?
    let data: GeneratorData
    let device: Device
    /// Codes, noise, mixing, augmentation, directions.
    private let random: Generator
    private var meanPathLength = 0.0
    /// Steps that this process knows to be done.
    private(set) var steps = 0
    /// Features of the held-back faces by picture size.
    var trueFeatures: [Int: Tensor] = [:]

    /// - Parameter features: frozen; nil measures no kernel distance.
    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ data: GeneratorData, features: LPIPS?) throws {
        let training = data.configuration
        let context = try Context(device: data.device, seed: training.seed)
        self.training = training
        self.features = features
        self.data = data
        device = data.device
        generator = try StyleGAN2Generator(training.generator, in: context)
        discriminator = try StyleGAN2Discriminator(training.discriminator, in: context)
        average = try EMA(
            of: generator, average: StyleGAN2Generator(training.generator, in: context),
            decay: training.averageDecay)
        augmentation = AdaptiveProbability(training.augmentation)
        random = try Generator(seed: Generator.derive(training.seed, 3), device: data.device)
        func optimizer(_ network: Module, interval: Int, _ rate: (GeneratorStage) -> Double)
            -> ScheduledOptimizer
        {
            let share = Double(interval) / Double(interval + 1)
            return ScheduledOptimizer(
                Adam(network.parameters(), rate: share, betas: (0, pow(0.99, share))),
                schedule: training.schedule(rate))
        }
        components = TrainingComponents(
            modules: ["generator": generator, "discriminator": discriminator],
            optimizers: [
                "generator": optimizer(generator, interval: training.pathInterval, \.rate),
                "discriminator": optimizer(
                    discriminator, interval: training.r1Interval, \.discriminatorRate),
            ],
            averages: ["generator": average], generators: ["steps": random])
    }

    /// Takes the weights of a generator that was trained before, and of its discriminator where there is one.
    /// - Throws: `UnmaskingError.configuration` when it is built otherwise than the configuration says.
    public func adopt(_ model: GeneratorModel) throws {
        try adopt(model.generator)
        if let judge = model.discriminator, judge.configuration == training.discriminator {
            try discriminator.copy(from: judge)
        }
    }

    /// Takes over the generator of an unmasker, which draws faces from codes that its encoder finds; its mapping network, which leads
    /// from random codes to these, is still to be learnt.
    /// - Throws: `UnmaskingError.configuration` when it is built otherwise than the configuration says.
    public func adopt(_ model: UnmaskingModel) throws { try adopt(model.generator) }

    private func adopt(_ trained: StyleGAN2Generator) throws {
        guard trained.configuration == training.generator else {
            throw UnmaskingError.configuration(
                "the given generator is built otherwise (\(trained.configuration.details)) than the configuration says (\(training.generator.details))"
            )
        }
        try generator.copy(from: trained)
        try average.average.copy(from: trained)
    }

    /// - Throws: `TrainingError.notFinite` naming the term before a network is changed by it, or `TorchError`.
    public func step(_ batch: Batch, _ context: StepContext) throws {
        let stage = training.stage(at: context.step).stage
        let faces = try batch.floats("face") * 2 - 1
        try updateDiscriminator(resized(faces, to: stage.size), stage, context)
        try updateGenerator(faces.size(0), stage, context)
        steps = context.step + 1
    }

    /// Convolutions run in bfloat16 where the configuration says so; losses and regularisation stay fp32.
    private func mixed(_ body: () throws -> Tensor) throws -> Tensor {
        try autocast(training.autocastType, on: device, body).to(dtype: .float32)
    }

    func resized(_ faces: Tensor, to size: Int) throws(TorchError) -> Tensor {
        faces.size(2) == size ? faces : try faces.interpolate(size: [size, size], mode: .area)
    }

    /// W+ codes of random z, the styles of two of them mixed with the configured probability; [count, styleCount, styleDimension].
    private func codes(_ count: Int, size: Int) throws -> Tensor {
        let dimension = training.generator.styleDimension
        let first = try generator.mapping(.randn([count, dimension], generator: random))
        guard try Tensor.rand([1], generator: random).item() < training.styleMixing else {
            return try generator.latents(first)
        }
        let second = try generator.mapping(.randn([count, dimension], generator: random))
        // Styles that pictures of this size have: two for each resolution.
        let styles = 2 * (training.generator.resolutions.firstIndex(of: size).map { $0 + 1 } ?? 1)
        let crossover = Int(try Tensor.randint(1, styles, [1], generator: random).item())
        return try generator.mixStyles(first, second, crossover: crossover)
    }

    /// What the discriminator sees of pictures.
    private func view(_ images: Tensor, isSecondOrder: Bool = false) throws(TorchError) -> Tensor {
        guard augmentation.p > 0 else { return images }
        let draws = try training.augmentation.draws(images.size(0), p: augmentation.p, generator: random)
        return try AugmentedView(draws)(images, isSecondOrder: isSecondOrder)
    }

    private func updateDiscriminator(_ real: Tensor, _ stage: GeneratorStage, _ context: StepContext) throws {
        let size = stage.size
        let fake = try withoutGradients {
            let codes = try codes(real.size(0), size: size)
            return try mixed {
                try generator.synthesize(codes, noise: .random(random), maximumSize: size)
            }
        }
        try discriminator.requiresGrad_(true)
        let (seen, drawn) = (try view(real), try view(fake))
        let realLogits = try mixed { try discriminator(seen) }
        let fakeLogits = try mixed { try discriminator(drawn) }
        var losses = Losses()
        losses.add(
            "discriminator", try AdversarialLoss().discriminator(real: realLogits, fake: fakeLogits))
        try context.minimise(losses, with: "discriminator")
        try augmentation.observe(real: realLogits)
        try context.log("real", realLogits.mean().item())
        try context.log("fake", fakeLogits.mean().item())
        try context.log("augmentation p", augmentation.p)
        if let overfitting = augmentation.overfitting { try context.log("overfitting r_t", overfitting) }

        let r1 = training.r1(stage)
        guard r1.isDue(step: context.step) else { return }
        let penalty = try r1.penalty(real, discriminator: discriminator) {
            try view($0, isSecondOrder: true)
        }
        var regularisation = Losses()
        regularisation.add("r1", penalty, weight: r1.weight)
        try context.minimise(regularisation, with: "discriminator")
    }

    private func updateGenerator(_ count: Int, _ stage: GeneratorStage, _ context: StepContext) throws {
        try discriminator.requiresGrad_(false)
        let drawn = try mixed {
            try generator.synthesize(
                codes(count, size: stage.size), noise: .random(random), maximumSize: stage.size)
        }
        let seen = try view(drawn)
        let logits = try mixed { try discriminator(seen) }
        var losses = Losses()
        losses.add("generator", try AdversarialLoss().generator(fake: logits))
        try context.minimise(losses, with: "generator")

        let paths = PathLengthRegularization(training.pathLength(stage), meanLength: meanPathLength)
        guard paths.isDue(step: context.step) else { return }
        let latents = try codes(paths.batch(of: count), size: stage.size)
        let images = try generator.withSecondOrderFilters {
            try generator.synthesize(latents, noise: .random(random), maximumSize: stage.size)
        }
        let penalty = try paths.penalty(
            images: images, latents: latents, direction: .randn(images.shape, generator: random))
        var regularisation = Losses()
        regularisation.add("path length", penalty, weight: paths.weight)
        try context.minimise(regularisation, with: "generator")
        meanPathLength = paths.meanLength
    }

    /// The finished generator: averaged weights, the mean of its codes, and the discriminator for further training.
    public func finished() throws -> GeneratorModel {
        let model = try GeneratorModel(
            .init(generator: training.generator, discriminator: training.discriminator),
            in: Context(device: device, seed: 0))
        try model.generator.copy(from: average.average)
        try model.discriminator?.copy(from: discriminator)
        try model.measureMeanLatent()
        return model
    }

    /// Writes `generator.safetensors`, as `generate`, `train unmasker --generator` and other commands read it.
    public func publish(to folder: String, step: Int) throws {
        try finished().write(to: "\(folder)/generator.safetensors", metadata: ["steps": "\(step)"])
    }

    public func extraState() throws -> [String: Tensor] {
        let state = augmentation.state
        return [
            "pathLength": try Tensor([meanPathLength], shape: [1]),
            "augmentation": try Tensor(state, shape: [state.count]),
        ]
    }

    public func restore(extra: [String: Tensor]) throws {
        guard let length = extra["pathLength"], let state = extra["augmentation"], extra.count == 2,
            try augmentation.restore(state.to(dtype: .float64).array(Double.self))
        else {
            throw TrainingError.invalidArgument(
                "extra state \(extra.keys.sorted()): expected pathLength [1] and augmentation [5]")
        }
        meanPathLength = try length.item()
    }
}
