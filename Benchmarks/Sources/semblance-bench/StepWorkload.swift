import Faces
import Foundation
import NN
import Torch
import Training
import Unmasking

extension Workload {
    /// One update of the unmasker on a batch that stays the same: forward, losses, backward, clipping, Adam, moving average.
    static func unmaskerStep(precision: String) throws -> Workload {
        let setup = try UnmaskerTrainingSetup(
            precision: precision, steps: 1_000_000, hasRandomViews: false)
        let (task, networks) = (setup.task, setup.task.networks)
        guard let batch = try setup.data.batches().next(), let lpips = networks.perceptual else {
            throw TrainingError.closed
        }
        let faces = try UnmaskerBatch(batch)
        var weights = ["grid": try identityGrid()]
        for (prefix, module) in [
            ("model.", networks.model as Module), ("lpips.", lpips), ("edgeface.", setup.edgeFace),
        ] {
            // Copies: the first step changes the network's own.
            for (key, tensor) in module.stateDictionary(prefix: prefix) {
                weights[key] = try tensor.detach().clone()
            }
        }
        var step = 0
        func update() throws -> [String: Double] {
            let context = StepContext(
                step: step, items: batch.names, optimizers: task.components.optimizers)
            try task.step(batch, context)
            try networks.average.update(
                decay: min(networks.average.decay, Double(1 + step) / Double(10 + step)))
            step += 1
            return context.values
        }
        let losses = try update().filter { !$0.key.hasPrefix("gradient norm") }
        return Workload(
            weights: weights, inputs: ["clean": faces.clean, "input": faces.input, "alpha": faces.alpha],
            outputs: try losses.mapValues { try Tensor(values: [Float($0)], shape: [1]) },
            configuration: try ForwardWorkloads.json(
                TwinConfiguration(
                    networks: setup.configuration.networks, stage: setup.configuration.stages[0],
                    averageDecay: setup.configuration.averageDecay, bfloat16: precision == "bfloat16"))
        ) { _ = try update() }
    }

    private struct TwinConfiguration: Encodable {
        var networks: UnmaskingModelConfiguration
        var stage: UnmaskerStage
        var averageDecay: Double
        var bfloat16: Bool
    }

    /// Where the identity loss samples a face of 128 pixels: [1, 112, 112, 2] in -1…1.
    private static func identityGrid() throws -> Tensor {
        let back = try AlignmentTemplate.face128.transform(to: .arcFace112).inverse()
        var values: [Float] = []
        for v in 0..<112 {
            for u in 0..<112 {
                let x = back.a * Double(u) + back.b * Double(v) + back.c
                let y = back.d * Double(u) + back.e * Double(v) + back.f
                values += [Float((2 * x + 1) / 128 - 1), Float((2 * y + 1) / 128 - 1)]
            }
        }
        return try Tensor(values: values, shape: [1, 112, 112, 2])
    }
}
