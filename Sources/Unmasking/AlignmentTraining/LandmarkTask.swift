import NN
import Torch
import Training

/// One update of a landmark network: the mean distance of its points from the true ones, which are those that the detector found
/// before the face was masked and moved.
public final class LandmarkTask: TrainingTask {
    public let training: LandmarkTraining
    public let network: LandmarkNetwork
    public let average: EMA<LandmarkNetwork>
    public let components: TrainingComponents
    private let data: LandmarkData
    private var validationFaces: [Batch]?

    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ data: LandmarkData) throws {
        let training = data.configuration
        let context = try Context(device: data.device, seed: training.seed)
        self.training = training
        self.data = data
        network = try LandmarkNetwork(training.network, in: context)
        average = try EMA(
            of: network, average: LandmarkNetwork(training.network, in: context),
            decay: training.averageDecay)
        components = TrainingComponents(
            modules: ["network": network],
            optimizers: [
                "network": ScheduledOptimizer(
                    Adam(network.parameters(), rate: 1), schedule: training.schedule(\.rate), clipNorm: 10)
            ], averages: ["network": average])
    }

    /// Takes the weights of a network that was trained before.
    /// - Throws: `UnmaskingError.configuration` when it is built otherwise than the configuration says.
    public func adopt(_ trained: LandmarkNetwork) throws {
        guard trained.configuration == training.network else {
            throw UnmaskingError.configuration(
                "the given landmark network is built otherwise (\(trained.configuration)) than the configuration says (\(training.network))"
            )
        }
        try network.copy(from: trained)
        try average.average.copy(from: trained)
    }

    /// Windows in [-1, 1], [batch, 3, s, s], and the true points in their pixels, [batch, 5, 2].
    private func windows(_ batch: Batch) throws -> (faces: Tensor, points: Tensor) {
        let faces = try batch.floats("face")
        let size = training.network.inputSize
        let offset = LandmarkWindow.offset(of: size)
        let window = try faces.narrow(2, offset, size).narrow(3, offset, size).contiguous() * 2 - 1
        return (window, try batch.floats("landmarks") - Double(offset))
    }

    public func step(_ batch: Batch, _ context: StepContext) throws {
        let (faces, points) = try windows(batch)
        let found = try autocast(training.autocastType, on: data.device) { try network(faces) }
        // Euclidean distances in pixels; the constant keeps the gradient finite where a point is met exactly.
        let distance = try ((found - points).square().sum([2]) + 0.01).sqrt().mean()
        var losses = Losses()
        losses.add("distance", distance)
        try context.minimise(losses, with: "network")
    }

    /// Of the averaged network on the held-back faces, masked and moved: mean distance from the true points as a share of the distance
    /// between the eyes, of the eyes and of the three points below.
    public func validate() throws -> [String: Double] {
        let batches = try validationFaces ?? data.heldBack()
        validationFaces = batches
        var sums = [0.0, 0.0]
        var count = 0
        for batch in batches {
            try withoutGradients {
                let (faces, points) = try windows(batch)
                let distances = try (average.average(faces) - points).square().sum([2]).sqrt()
                let eyes = try (points.narrow(1, 0, 1) - points.narrow(1, 1, 1)).square().sum([2]).sqrt()
                let shares = try distances / eyes
                sums[0] += try shares.narrow(1, 0, 2).mean([1]).sum().item()
                sums[1] += try shares.narrow(1, 2, 3).mean([1]).sum().item()
                count += faces.size(0)
            }
        }
        return ["eyes": sums[0] / Double(max(count, 1)), "nose and mouth": sums[1] / Double(max(count, 1))]
    }

    /// Writes `landmarks.safetensors`, the averaged network as other commands read it.
    public func publish(to folder: String, step: Int) throws {
        try average.average.write(to: "\(folder)/landmarks.safetensors", metadata: ["steps": "\(step)"])
    }
}
