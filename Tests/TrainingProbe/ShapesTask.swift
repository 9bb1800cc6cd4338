import Foundation
import Imaging
import NN
import Torch
import Training

/// A small classifier of generated pictures, with everything that makes resuming hard: augmentation, dropout, batch statistics, two
/// optimisers, a weight average, state of its own.
public final class ShapesTask: TrainingTask {
    public static let classes = 4
    public let network: ShapesNetwork
    public let average: EMA<ShapesNetwork>
    public let components: TrainingComponents
    /// Step at which the loss is made NaN.
    public var poisonedStep: Int?
    private var runningLoss: Tensor

    public init(seed: UInt64, steps: Int) throws {
        let context = try Context(seed: seed)
        network = try ShapesNetwork(in: context)
        average = try EMA(of: network, average: ShapesNetwork(in: Context(seed: 0)), decay: 0.95)
        runningLoss = try .zeros([1])
        let schedule = Schedule.warmUp(
            steps: 5, initial: 0.1, then: .cosine(start: 5, end: max(6, steps), floor: 0.01))
        components = TrainingComponents(
            modules: ["classifier": network],
            optimizers: [
                "trunk": ScheduledOptimizer(
                    Adam(network.trunk.parameters(), rate: 3e-3), schedule: schedule, clipNorm: 5),
                "head": ScheduledOptimizer(
                    SGD([ParameterGroup(network.head.parameters(), rate: 0.05)], momentum: 0.9),
                    schedule: schedule),
            ],
            averages: ["classifier": average], generators: ["network": context.generator])
    }

    public func step(_ batch: Batch, _ context: StepContext) throws {
        let logits = try network(batch.floats("image"))
        var losses = Losses()
        losses.add("classification", try logits.crossEntropy(batch["label"]))
        losses.add("magnitude", try logits.square().mean(), weight: 1e-3)
        if context.step == poisonedStep { losses.add("poison", try logits.mean() * Double.nan) }
        try context.zeroGrad("head")
        try context.minimise(losses, with: "trunk")
        try context.update("head")
        runningLoss = try runningLoss * 0.9 + losses.terms[0].value.detach() * 0.1
        try context.log("running", runningLoss.item())
    }

    public func validate() throws -> [String: Double] {
        network.evaluate()
        defer { network.train() }
        return try withoutGradients {
            let samples = try (0..<32).map { try Self.sample($0 + 1000, seed: 7) }
            let batch = try Batch(samples, indices: Array(1000..<1032))
            let guesses = try average.average(batch.floats("image")).argmax(1)
            let right = try guesses.eq(batch["label"]).to(dtype: .float32).mean().item()
            return ["accuracy": right]
        }
    }

    public func sampleGrid() throws -> Image? {
        try FloatImage(
            width: 12, height: 12, channels: 1,
            data: Self.sample(0, seed: 0).fields["image"].map(Self.floats) ?? []
        ).image()
    }

    /// Writes `published`, which says after how many steps.
    public func publish(to folder: String, step: Int) throws {
        try Data("\(step)".utf8).write(to: URL(filePath: folder).appending(path: "published"))
    }

    public func extraState() throws -> [String: Tensor] { ["running": runningLoss] }

    public func restore(extra: [String: Tensor]) throws {
        guard let running = extra["running"], extra.count == 1 else {
            throw TrainingError.invalidArgument("extra state \(extra.keys.sorted()), expected [running]")
        }
        runningLoss = running
    }

    private static func floats(_ field: SampleField) -> [Float] {
        if case .floats(let values) = field.values { values } else { [] }
    }

    /// A 12x12 picture: noise and a square in one of the four corners, which is the class.
    @Sendable public static func sample(_ index: Int, seed: UInt64) throws -> Sample {
        var random = SampleRandom(seed: seed)
        var image = FloatImage(width: 12, height: 12, channels: 1)
        for place in image.data.indices { image.data[place] = Float(random.uniform(0, 0.6)) }
        let label = index % classes
        let (left, top) = (label % 2 * 6 + random.below(3), label / 2 * 6 + random.below(3))
        for y in top..<(top + 3) { for x in left..<(left + 3) { image[0, y, x] = 1 } }
        return Sample(name: "shape-\(index).png", ["image": .image(image), "label": .integer(label)])
    }

    public static func loader(seed: UInt64, workers: Int = 2, delay: Double = 0) throws -> DataLoader {
        try DataLoader(
            sampler: ShuffledSampler(count: 60, batchSize: 8, seed: seed), seed: seed, workers: workers,
            name: { "shape-\($0).png" }
        ) { index, seed in
            if delay > 0 { Thread.sleep(forTimeInterval: delay) }
            return try sample(index, seed: seed)
        }
    }
}

public final class ShapesNetwork: Module {
    public let trunk: Sequential
    public let head: Linear

    public init(in context: Context) throws(TorchError) {
        trunk = Sequential([
            try Conv2d(1, 8, kernel: 3, stride: 2, padding: 1, in: context), try BatchNorm2d(8, in: context),
            ReLU(),
            try Dropout(0.2, in: context),
        ])
        head = try Linear(8 * 6 * 6, ShapesTask.classes, in: context)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try head(trunk(x).flatten(from: 1))  // [n, 1, 12, 12] -> [n, 8·6·6] -> [n, classes]
    }
}
