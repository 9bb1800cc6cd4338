import Imaging
import Metrics
import NN
import ReID
import Torch
import Training

extension Workload {
    /// Pictures to embeddings as `embed person` and `evaluate reid` make them: channels last, normalisation multiplied into the
    /// convolutions, 256x128 pixels, last stride 1.
    static func personEmbedding(_ kind: BackboneKind, batch: Int) throws -> Workload {
        var configuration = EmbeddingNetworkConfiguration()
        configuration.backbone = kind
        let network = try EmbeddingNetwork(configuration, in: Context(seed: 1))
        let images = try Tensor.randn([batch, 3, 256, 128], generator: Generator(seed: 2))
        // Statistics of these pictures: untouched ones would let activations grow without bound.
        for _ in 0..<20 {
            _ = try noGrad { () throws(TorchError) in try network.features(images.narrow(0, 0, min(batch, 8)))
            }
        }
        try network.evaluate().requiresGrad_(false)
        let weights = try network.stateDictionary().mapValues { try $0.detach().clone() }
        try network.useChannelsLast()
        try network.foldNormalisation()
        let output = try network.embedding(images)
        return Workload(
            weights: weights, inputs: ["00": images], outputs: ["00": output],
            configuration: "{\"backbone\": \"\(kind.rawValue)\"}"
        ) { _ = try network.embedding(images) }
    }

    /// One update of the joint loss on a batch that stays the same: bytes to floats, forward, normalised softmax and batch-hard
    /// triplets, backward, Adam, moving average.
    static func personStep(height: Int, width: Int, batch: Int) throws -> Workload {
        let classes = 751
        var training = ReIDTraining()
        training.averageDecay = 0.998
        (training.rate, training.headRateFactor) = (7e-4, 2)
        training.stages[0].steps = 1_000_000
        training.stages[0].decay = .constant
        let task = try ReIDTask(
            training, classes: classes, schema: nil, attributeCounts: [], pretrained: nil, validation: nil,
            in: Context(seed: 1))
        var random = SampleRandom(seed: 4)
        let samples = (0..<batch).map { index in
            var image = Image(width: width, height: height, channels: 3)
            for pixel in image.pixels.indices { image.pixels[pixel] = UInt8(random.below(256)) }
            return Sample(
                name: "\(index)", ["image": .image(image), "label": .integer(index / 4 * 7 % classes)])
        }
        let inputs = try Batch(samples, indices: Array(0..<batch))
        var weights: [String: Tensor] = [:]
        for (prefix, module) in [("network.", task.network as Module), ("loss.", task.loss)] {
            // Copies: the first step changes the network's own.
            for (key, tensor) in module.stateDictionary(prefix: prefix) {
                weights[key] = try tensor.detach().clone()
            }
        }
        var step = 0
        func update() throws -> [String: Double] {
            let context = StepContext(step: step, items: [], optimizers: task.components.optimizers)
            try task.step(inputs, context)
            for average in task.components.averages.values {
                try average.update(decay: min(training.averageDecay, Double(1 + step) / Double(10 + step)))
            }
            step += 1
            return context.values
        }
        let losses = try update().filter { ["softmax", "triplet"].contains($0.key) }
        return Workload(
            weights: weights, inputs: ["image": try inputs["image"], "label": try inputs["label"]],
            outputs: try losses.mapValues { try Tensor(values: [Float($0)], shape: [1]) },
            configuration:
                "{\"backbone\": \"mobilenet_v2\", \"classes\": \(classes), \"rate\": \(training.rate), \"headRateFactor\": \(training.headRateFactor), \"weightDecay\": \(training.weightDecay), \"averageDecay\": \(training.averageDecay)}"
        ) { _ = try update() }
    }
}
