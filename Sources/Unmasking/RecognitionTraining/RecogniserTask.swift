import Faces
import NN
import Torch
import Training

/// One update of a recogniser that learns to see through masks: what it makes of a masked face comes to what it made of the same face
/// without the mask before the training (distillation with the recogniser as its own teacher, compare Huber et al. 2021, "Mask-invariant
/// Face Recognition through Template-level Knowledge Distillation"), and is told from what it made of others.
///
/// Nothing says who is who, so photos without identities will do. Normalisation keeps the statistics that it was loaded with.
public final class RecogniserTask: TrainingTask {
    public let training: RecogniserTraining
    public let average: EMA<Module>
    public let components: TrainingComponents
    private let data: RecogniserData
    /// As the recogniser was, as it is while it trains, and averaged.
    private let (teacher, student, averaged): (IdentityLoss, IdentityLoss, IdentityLoss)
    private let queue: EmbeddingQueue
    private let generator: Generator
    /// Metadata of the weights' file, which says what they are.
    private let metadata: [String: String]
    private var validationFaces: [UnmaskerBatch]?

    /// - Parameter weights: of the recogniser that the configuration names; nil takes the installed ones.
    /// - Throws: `ResourceError` when there are none, `UnmaskingError.configuration` or `TorchError`.
    public init(_ data: RecogniserData, weights: String? = nil) throws {
        let training = data.configuration
        let path = try weights ?? training.recogniser.installedWeights()
        self.training = training
        self.data = data
        metadata = try SafeTensors.metadata(path)
        let networks = try (0..<3).map { _ in
            try Self.load(training.recogniser, weights: path, device: data.device)
        }
        let student = networks[1].module
        try student.requiresGrad_(true)
        average = try EMA(of: student, average: networks[2].module, decay: training.averageDecay)
        let views = try networks.map {
            try IdentityLoss.Recogniser.aligned($0.recogniser, from: .face128)
        }
        teacher = IdentityLoss(recognisers: [views[0]])
        self.student = IdentityLoss(recognisers: [views[1]], augmentation: training.identityAugmentation)
        averaged = IdentityLoss(recognisers: [views[2]])
        queue = EmbeddingQueue(capacity: training.identityQueue)
        generator = try Generator(seed: Generator.derive(training.seed, 3), device: data.device)
        components = TrainingComponents(
            // The teacher too: a run goes on with the one that it began with.
            modules: ["recogniser": student, "teacher": networks[0].module],
            optimizers: [
                "recogniser": ScheduledOptimizer(
                    Adam(student.parameters(), rate: 1), schedule: training.schedule(\.rate), clipNorm: 10)
            ], averages: ["recogniser": average], generators: ["steps": generator])
    }

    private static func load(_ model: RecogniserModel, weights path: String, device: Device) throws -> (
        recogniser: any FaceRecogniser, module: Module
    ) {
        let recogniser = try model.load(weights: path, device: device)
        guard let module = recogniser as? Module else {
            throw UnmaskingError.configuration("recogniser '\(model.rawValue)' cannot be trained")
        }
        return (recogniser, module)
    }

    public func step(_ batch: Batch, _ context: StepContext) throws {
        let stage = training.stage(at: context.step).stage
        let faces = try UnmaskerBatch(batch)
        let (targets, embeddings) = try autocast(training.autocastType, on: data.device) {
            (
                try teacher.targets(faces.clean).map { try $0.to(dtype: .float32) },
                try student.embeddings(faces.input, generator: generator).map {
                    try $0.to(dtype: .float32)
                }
            )
        }
        var losses = Losses()
        if stage.identity > 0 {
            losses.add(
                "identity", try student.distance(embeddings, targets: targets), weight: stage.identity)
        }
        if stage.identityContrast.weight > 0 {
            losses.add(
                "identity contrast",
                try stage.identityContrast(embeddings[0], targets: targets[0], queue: queue.embeddings),
                weight: stage.identityContrast.weight)
        }
        try context.minimise(losses, with: "recogniser")
        try queue.append(targets[0])
    }

    /// Of the averaged network on the held-back faces: mean cosine between a masked face and the same face unmasked as the recogniser
    /// saw it before, that of unmasked faces with themselves, and how much nearer a masked face is to itself than to the most similar other.
    public func validate() throws -> [String: Double] {
        let batches = try validationFaces ?? data.heldBack()
        validationFaces = batches
        return try withoutGradients {
            var (truth, masked, clean): ([Tensor], [Tensor], [Tensor]) = ([], [], [])
            for batch in batches {
                truth += try teacher.targets(batch.clean)
                masked += try averaged.targets(batch.input)
                clean += try averaged.targets(batch.clean)
            }
            let (all, found) = (try Tensor.cat(truth), try Tensor.cat(masked))
            let own = try (found * all).sum([1])
            let others =
                try found.matmul(all.transpose(0, 1)) - Tensor.eye(found.size(0), device: found.device) * 4
            return [
                "masked cosine": try own.mean().item(),
                "clean cosine": try (Tensor.cat(clean) * all).sum([1]).mean().item(),
                "margin": try (own - others.amax([1])).mean().item(),
            ]
        }
    }

    public func extraState() throws -> [String: Tensor] {
        queue.embeddings.map { ["queue": $0] } ?? [:]
    }

    public func restore(extra: [String: Tensor]) throws {
        guard Set(["queue"]).isSuperset(of: extra.keys) else {
            throw TrainingError.invalidArgument(
                "extra state \(extra.keys.sorted()): expected nothing but 'queue'")
        }
        queue.restore(try extra["queue"]?.to(device: data.device))
    }

    /// Writes `recogniser.safetensors`, the averaged network as `--weights` reads it.
    public func publish(to folder: String, step: Int) throws {
        try average.average.save(
            to: "\(folder)/recogniser.safetensors",
            metadata: metadata.merging(["steps": "\(step)"]) { $1 })
    }
}
