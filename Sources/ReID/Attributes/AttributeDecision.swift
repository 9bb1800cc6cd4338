import Torch

/// Which class of an attribute to name, by its probability.
///
/// Heads that were trained with class weights w give a class of posterior p the probability q ∝ w · p: the rarer a class, the
/// more it is favoured. Dividing by the weights takes that back (a logit adjustment after training; Menon et al. 2021,
/// "Long-tail learning via logit adjustment").
public enum AttributeDecision: String, Codable, Sendable, CaseIterable {
    /// q / w: the class that is most probable where classes are as frequent as in training. Makes the fewest errors.
    case likeliest
    /// q / (w · √π) with the classes' frequencies π: rare classes are favoured, which finds more of them at the price of more
    /// errors. For the balanced accuracy and mA.
    ///
    /// Dividing by the whole π would be best if probabilities were exact. Those of very rare classes are not: then it names rare
    /// classes everywhere (measured on Market-1501: balanced accuracy 73.6 %, with the root 78.4 %).
    case balanced
}

extension AttributeHeads {
    /// By which to multiply the probabilities of the classes of each attribute before the largest is taken.
    ///
    /// A class that no training image had gets 0: nothing is known of it.
    /// - Parameter counts: training images per attribute and class; without them, `balanced` takes the probabilities as they
    ///   are.
    public func factors(for decision: AttributeDecision, counts: [[Int]]?) throws(TorchError) -> [[Double]] {
        let width = classWeights.size(1)
        let weights = try classWeights.to(dtype: .float32).floats()
        return heads.enumerated().map { index, head in
            (0..<head.classes).map { place in
                let weight = Double(weights[index * width + place])
                guard weight > 0 else { return 0 }
                switch decision {
                case .likeliest: return 1 / weight
                case .balanced:
                    guard let counts else { return 1 }
                    let count = Double(counts[index][place])
                    return count > 0 ? 1 / (weight * count.squareRoot()) : 0
                }
            }
        }
    }
}
