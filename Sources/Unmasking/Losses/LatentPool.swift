import Torch

/// Earlier codes of the encoder, mixed into the latent discriminator's batches so that it does not forget them
/// (Tov et al. 2021, after Shrivastava et al. 2017).
public final class LatentPool {
    public let capacity: Int
    /// Stored codes, [d] each; save them with the random state to continue a training exactly.
    public private(set) var codes: [Tensor] = []
    public private(set) var randomState: UInt64

    public init(capacity: Int = 50, seed: UInt64) {
        self.capacity = capacity
        randomState = seed
    }

    /// - Parameter w: new codes, [batch, d], or W+ [batch, styleCount, d], of which one random style is taken.
    /// - Returns: [batch, d], half of them on average swapped for stored ones; outside the graph.
    public func exchange(_ w: Tensor) throws(TorchError) -> Tensor {
        try noGrad { () throws(TorchError) in
            var chosen: [Tensor] = []
            for index in 0..<w.size(0) {
                var code = try w.detach().select(0, index)
                if code.rank == 2 { code = try code.select(0, random(below: code.size(0))) }
                if codes.count < capacity {
                    codes.append(try code.clone())
                    chosen.append(code)
                } else if capacity > 0, random(below: 2) == 1 {
                    let slot = random(below: capacity)
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
        self.randomState = randomState
    }

    private func random(below bound: Int) -> Int {
        randomState &+= 0x9E37_79B9_7F4A_7C15
        var z = randomState
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(max(bound, 1)))
    }
}
