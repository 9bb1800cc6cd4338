import NN
import Torch

/// Attention between channels instead of positions: linear in the number of positions.
///
/// El-Nouby et al. 2021, "XCiT", equation 3: `V softmax(K̂ᵀ Q̂ / τ)` with keys and queries of unit length over positions.
public final class CrossCovarianceAttention: Module {
    @Parameter public var temperature: Tensor
    public let qkv: Linear
    public let proj: Linear
    private let heads: Int

    init(_ width: Int, heads: Int, in context: Context) throws(TorchError) {
        self.heads = heads
        _temperature = try Parameter(Initialiser.constant(1).make([heads, 1, 1], in: context))
        qkv = try Linear(width, 3 * width, in: context)
        proj = try Linear(width, width, in: context)
        super.init()
    }

    /// `x` [batch, positions, width], `gamma` [width] -> gamma * attention(x), same shape.
    func callAsFunction(_ x: Tensor, scaledBy gamma: Tensor) throws(TorchError) -> Tensor {
        let (batch, positions, width) = (x.size(0), x.size(1), x.size(2))
        let depth = width / heads
        let all = try qkv(x).reshape([batch, positions, 3, heads, depth])
        // [3, batch, heads, depth, positions]
        let split = try all.permute([2, 0, 3, 4, 1])
        let (query, key, value) = (try split.select(0, 0), try split.select(0, 1), try split.select(0, 2))

        // The lengths divide the small product instead of the long vectors. Same result, less memory traffic.
        let lengths = try all.narrow(2, 0, 2).norm([1]).clamp(min: 1e-12)  // [batch, 2, heads, depth]
        let scale = try lengths.select(1, 0).unsqueeze(3) * lengths.select(1, 1).unsqueeze(2)
        let similarity = try query.matmul(key.transpose(-2, -1)) / scale  // [batch, heads, depth, depth]
        // [batch, heads, depth, positions]
        let mixed = try (similarity * temperature).softmax(-1).matmul(value)
        return try mixed.permute([0, 3, 1, 2]).reshape([batch, positions, width]).scaledLinear(
            proj, by: gamma)
    }
}
