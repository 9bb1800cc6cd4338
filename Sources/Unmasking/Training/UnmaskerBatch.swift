import Torch

/// Faces for one training step.
public struct UnmaskerBatch {
    /// True faces, [batch, 3, size, size] in [-1, 1].
    public var clean: Tensor
    /// What the encoder sees: with a mask or without, degraded or not, the same shape and range.
    public var input: Tensor
    /// The mask's alpha, [batch, 1, size, size] in 0…1; zero for faces without one.
    public var alpha: Tensor
    /// Names of the photos, for messages.
    public var names: [String]

    public init(clean: Tensor, input: Tensor, alpha: Tensor, names: [String]) {
        self.clean = clean
        self.input = input
        self.alpha = alpha
        self.names = names
    }

    public var count: Int { clean.size(0) }
}
