import Torch
import Training

/// Measures the radial and the tangential part of each loss term's gradient at the features.
///
/// A loss that normalises its feature does not change with its length, so that its gradient there is all tangential; a loss
/// on distances between un-normalised features has both. Batch normalisation between raw and neck mixes the samples: a loss
/// that is all tangential at `neck` is not so at `raw`, hence both can be measured.
public enum GradientDiagnostics {
    /// Name of the entry of the weighted sum.
    public static let total = "total"

    /// - Parameters:
    ///   - losses: terms whose graph is still there: measure before `backward`. The graph stays, and no gradient is
    ///     accumulated. Terms of weight 0 are measured too, but are no part of the total.
    ///   - features: names and tensors [N, D] of the graph from which the terms were calculated.
    /// - Throws: `TorchError.invalidArgument` naming a feature that is not [N, D] or has no graph.
    public static func measure(
        _ losses: Losses, at features: [(name: String, tensor: Tensor)], step: Int? = nil
    ) throws(TorchError) -> GradientReport {
        var entries: [GradientReport.Entry] = []
        var lengths: [String: Double] = [:]
        for (name, tensor) in features {
            guard tensor.rank == 2, tensor.size(0) > 0, tensor.requiresGrad,
                tensor.size(0) == features[0].tensor.size(0)
            else {
                throw .invalidArgument(
                    "gradients at feature '\(name)' \(tensor.shape): expected [N, D] with N > 0, as many as the others and within the graph (requiresGrad)"
                )
            }
            let feature = try tensor.detach().to(dtype: .float64)
            let length = try feature.norm([1])
            lengths[name] = try length.mean().item()
            // A feature of length 0 has no direction: its whole gradient counts as tangential.
            let direction = try feature / length.maskedFill(length.eq(0), 1).unsqueeze(1)
            var sum: Tensor?
            for term in losses.terms where term.value.requiresGrad {
                let found = try Autograd.grad(outputs: [term.value], inputs: [tensor], retainGraph: true)
                guard let gradient = try found[0]?.to(dtype: .float64) else { continue }
                entries.append(
                    try entry(
                        gradient, along: direction, term: term.name, feature: name, weight: term.weight))
                guard term.weight != 0 else { continue }
                let part = try gradient * term.weight
                if let before = sum { sum = try before + part } else { sum = part }
            }
            if let sum {
                entries.append(
                    try entry(sum, along: direction, term: total, feature: name, weight: 1))
            }
        }
        return GradientReport(
            step: step, samples: features.first?.tensor.size(0) ?? 0, lengths: lengths, entries: entries)
    }

    /// - Parameters:
    ///   - gradient: [N, D].
    ///   - direction: unit rows [N, D].
    private static func entry(
        _ gradient: Tensor, along direction: Tensor, term: String, feature: String, weight: Double
    ) throws(TorchError) -> GradientReport.Entry {
        let along = try (gradient * direction).sum([1])
        let across = try (gradient - direction * along.unsqueeze(1)).norm([1])
        let squares = try (radial: along.square().sum().item(), tangential: across.square().sum().item())
        let all = squares.radial + squares.tangential
        return GradientReport.Entry(
            term: term, feature: feature, weight: weight, radial: try along.abs().mean().item(),
            tangential: try across.mean().item(), lengthening: try -along.mean().item(),
            radialShare: all == 0 ? 0 : squares.radial / all)
    }
}
