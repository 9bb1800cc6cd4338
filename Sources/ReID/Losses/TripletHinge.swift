import Torch

/// What a triplet costs by d(a, p) - d(a, n).
enum TripletHinge {
    /// max(0, x + margin), or ln(1 + exp x) without a margin (the soft margin).
    static func cost(_ x: Tensor, margin: Double?) throws(TorchError) -> Tensor {
        guard let margin else { return try x.softplus() }
        return try (x + margin).relu()
    }
}
