import Torch

/// The probability p of adaptive discriminator augmentation, steered by how sure the discriminator is of its training images:
/// r_t = mean sign of its answers to them, near 1 when it knows them by heart (Karras et al. 2020, section 3.1). Part of a
/// checkpoint.
public struct AdaptiveProbability: Sendable, Equatable {
    public let settings: DiscriminatorAugmentation
    public private(set) var p: Double
    /// Signs since the last adjustment.
    private var sum = 0.0
    private var count = 0.0
    private var steps = 0.0
    /// r_t at the last adjustment; nil before the first one.
    public private(set) var overfitting: Double?

    public init(_ settings: DiscriminatorAugmentation) {
        self.settings = settings
        p = settings.initial
    }

    /// Counts one step's answers, and adjusts p when it is time.
    /// - Parameter real: logits of training images, [batch, 1].
    public mutating func observe(real: Tensor) throws(TorchError) {
        guard let target = settings.target else { return }
        sum += try real.detach().sign().sum().item()
        count += Double(real.count)
        steps += 1
        guard steps >= Double(settings.interval), count > 0 else { return }
        let rate = sum / count
        let direction = rate > target ? 1.0 : rate < target ? -1 : 0
        p = min(settings.limit, max(0, p + direction * count / settings.images))
        overfitting = rate
        (sum, count, steps) = (0, 0, 0)
    }

    /// For a checkpoint: p, sums, and r_t (not a number before the first adjustment).
    public var state: [Double] { [p, sum, count, steps, overfitting ?? .nan] }

    /// Takes back what `state` gave; false when it does not fit.
    public mutating func restore(_ state: [Double]) -> Bool {
        guard state.count == 5, (0...1).contains(state[0]), state[1...3].allSatisfy(\.isFinite) else {
            return false
        }
        (p, sum, count, steps) = (state[0], state[1], state[2], state[3])
        overfitting = state[4].isNaN ? nil : state[4]
        return true
    }
}
