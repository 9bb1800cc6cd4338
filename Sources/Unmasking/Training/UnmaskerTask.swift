import NN
import Torch
import Training

/// One update of encoder, generator and (in adversarial stages) discriminators.
///
/// The order differs from the published one, which trains a generator on random codes first and an encoder after it: here
/// encoder and generator learn together to reconstruct faces, first clean ones (the face prior), then masked ones. On a small
/// budget that buys a generator that spends its capacity on codes that photos really have.
///
/// The checkpoint holds every network and optimiser of every stage, used or not, so that stages can be appended to a run; only the
/// feature discriminator is left out of runs without it.
public final class UnmaskerTask: TrainingTask {
    public let training: UnmaskerTraining
    public let networks: UnmaskerNetworks
    public let components: TrainingComponents
    let data: UnmaskerData
    let generator: Generator
    let device: Device
    let realCodes: LatentPool
    let fakeCodes: LatentPool
    /// Embeddings of earlier true faces, one queue per recogniser of the identity loss.
    let identityQueues: [EmbeddingQueue]
    /// Running mean of path-length regularisation.
    var pathLength = 0.0
    /// Steps that this process knows to be done.
    private(set) var steps = 0
    private var currentStage: Int?
    /// Held-back faces: as many as sheets show, and all.
    var sheetFaces: [UnmaskerBatch]?
    var validationFaces: [UnmaskerBatch]?

    public init(_ networks: UnmaskerNetworks, data: UnmaskerData) throws(TorchError) {
        let training = data.configuration
        self.training = training
        self.networks = networks
        self.data = data
        device = data.device
        generator = try Generator(seed: Generator.derive(training.seed, 3), device: data.device)
        realCodes = LatentPool(capacity: training.latentPool, seed: Generator.derive(training.seed, 4))
        fakeCodes = LatentPool(capacity: training.latentPool, seed: Generator.derive(training.seed, 5))
        identityQueues = (networks.identity?.recognisers ?? []).map { _ in
            EmbeddingQueue(capacity: training.identityQueue)
        }
        let model = networks.model
        let schedule = training.schedule(\.rate)
        var modules: [String: Module] = [
            "model": model, "discriminator": networks.discriminator,
            "latentDiscriminator": networks.latentDiscriminator,
        ]
        var optimizers = [
            "encoder": ScheduledOptimizer(
                Adam(model.encoder.parameters(), rate: 1, betas: (0.9, 0.99)), schedule: schedule,
                clipNorm: 10),
            "generator": ScheduledOptimizer(
                Adam(model.generator.parameters(), rate: 1, betas: (0.9, 0.99)),
                schedule: training.schedule { $0.generatorRate ?? $0.rate }, clipNorm: 10),
            "discriminator": ScheduledOptimizer(
                Adam(networks.discriminator.parameters(), rate: 1, betas: (0, 0.99)),
                schedule: training.schedule(\.discriminatorRate)),
            "latentDiscriminator": ScheduledOptimizer(
                Adam(networks.latentDiscriminator.parameters(), rate: 1),
                schedule: training.schedule(\.latentAdversarial.rate)),
        ]
        if let features = networks.featureDiscriminator {
            modules["featureDiscriminator"] = features
            optimizers["featureDiscriminator"] = ScheduledOptimizer(
                Adam(features.parameters(), rate: 1, betas: (0, 0.99)),
                schedule: training.schedule(\.featureAdversarial.rate))
        }
        components = TrainingComponents(
            modules: modules, optimizers: optimizers, averages: ["model": networks.average],
            generators: ["steps": generator])
    }

    /// - Throws: `TrainingError.notFinite` naming the term before a network is changed by it, or `TorchError`.
    public func step(_ batch: Batch, _ context: StepContext) throws {
        let place = training.stage(at: context.step)
        let stage = place.stage
        if currentStage != place.index {
            try networks.model.generator.requiresGrad_(!stage.freezesGenerator)
            currentStage = place.index
        }
        let pass = try forward(UnmaskerBatch(batch), stage: stage, step: place.step)
        try context.zeroGrad("encoder")
        try context.zeroGrad("generator")
        try context.backward(losses(of: pass, stage: stage))
        try regularisePaths(pass, stage: stage, context)
        try context.update("encoder")
        if !stage.freezesGenerator { try context.update("generator") }
        if stage.adversarial.weight > 0 { try updateDiscriminator(pass, stage: stage, context) }
        if stage.featureAdversarial.weight > 0 {
            try updateFeatureDiscriminator(pass, stage: stage, context)
        }
        if stage.latentAdversarial.weight > 0 { try updateLatentDiscriminator(pass, stage: stage, context) }
        if stage.identityContrast.weight > 0 {
            for (queue, embeddings) in zip(identityQueues, pass.identities) { try queue.append(embeddings) }
        }
        steps = context.step + 1
    }

    /// Writes `model.safetensors`, the averaged networks as other commands read them.
    public func publish(to folder: String, step: Int) throws {
        try networks.average.average.write(to: "\(folder)/model.safetensors", metadata: ["steps": "\(step)"])
    }

    public func extraState() throws -> [String: Tensor] {
        var state = ["pathLength": try Tensor([pathLength], shape: [1])]
        for (name, pool) in [("realCodes", realCodes), ("fakeCodes", fakeCodes)] {
            // The 64 bits as they are.
            state["\(name).random"] = try Tensor([Int64(bitPattern: pool.randomState)], shape: [1])
            if !pool.codes.isEmpty { state["\(name).codes"] = try Tensor.stack(pool.codes) }
        }
        for (index, queue) in identityQueues.enumerated() {
            if let embeddings = queue.embeddings { state["identityQueue.\(index)"] = embeddings }
        }
        return state
    }

    public func restore(extra: [String: Tensor]) throws {
        let pools = [("realCodes", realCodes), ("fakeCodes", fakeCodes)]
        let needed = Set(["pathLength"] + pools.map { "\($0.0).random" })
        // Checkpoints from before the queues, and from stages that do not use them, hold none.
        let queues = Dictionary(
            uniqueKeysWithValues: identityQueues.enumerated().map { ("identityQueue.\($0)", $1) })
        let known = needed.union(pools.map { "\($0.0).codes" }).union(queues.keys)
        guard needed.isSubset(of: extra.keys), known.isSuperset(of: extra.keys) else {
            throw TrainingError.invalidArgument(
                "extra state \(extra.keys.sorted()): expected \(needed.sorted()) and nothing beyond \(known.sorted())"
            )
        }
        for (key, queue) in queues { queue.restore(try extra[key]?.to(device: device)) }
        pathLength = try extra["pathLength"]?.item() ?? 0
        for (name, pool) in pools {
            let state: [Int64] = try extra["\(name).random"]?.array() ?? []
            guard let word = state.first, state.count == 1 else {
                throw TrainingError.invalidArgument("extra state \(name).random: expected one integer")
            }
            let dimension = training.networks.generator.styleDimension
            let codes = try extra["\(name).codes"] ?? Tensor.zeros([0, dimension])
            guard codes.rank == 2, codes.size(1) == dimension else {
                throw TrainingError.invalidArgument(
                    "extra state \(name).codes \(codes.shape): expected [count, \(dimension)]")
            }
            try pool.restore(codes: codes.to(device: device), randomState: UInt64(bitPattern: word))
        }
    }
}
