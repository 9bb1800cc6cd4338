import Torch
import Training

/// Earlier codes of the encoder, mixed into the latent discriminator's batches so that it does not forget them
/// (Tov et al. 2021, after Shrivastava et al. 2017).
public final class LatentPool {
    public let capacity: Int
    /// Stored codes, [d] each; save them with the random state to continue a training exactly.
    public private(set) var codes: [Tensor] = []
    public var randomState: UInt64 { random.state }
    private var random: SampleRandom

    public init(capacity: Int = 50, seed: UInt64) {
        self.capacity = capacity
        random = SampleRandom(seed: seed)
    }

    /// - Parameter w: new codes, [batch, d], or W+ [batch, styleCount, d], of which one random style is taken.
    /// - Returns: [batch, d], half of them on average swapped for stored ones; outside the graph.
    public func exchange(_ w: Tensor) throws(TorchError) -> Tensor {
        try noGrad { () throws(TorchError) in
            var chosen: [Tensor] = []
            for index in 0..<w.size(0) {
                var code = try w.detach().select(0, index)
                if code.rank == 2 { code = try code.select(0, random.below(code.size(0))) }
                if codes.count < capacity {
                    codes.append(try code.clone())
                    chosen.append(code)
                } else if capacity > 0, random.chance(0.5) {
                    let slot = random.below(capacity)
                    chosen.append(codes[slot])
                    codes[slot] = try code.clone()
                } else {
                    chosen.append(code)
                }
            }
            return try Tensor.stack(chosen)
        }
    }

    /// Continues from saved codes [count, d] and random state.
    public func restore(codes: Tensor, randomState: UInt64) throws(TorchError) {
        self.codes = try codes.unbind(0)
        random = SampleRandom(seed: randomState)
    }
}
