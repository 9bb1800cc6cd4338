import NN
import Torch

/// Tells w codes of the mapping network from codes that an encoder made up (Tov et al. 2021); keys `mlp.N`.
public final class LatentDiscriminator: Module {
    public let mlp: Sequential

    public init(styleDimension: Int, depth: Int = 4, in context: Context) throws(TorchError) {
        var layers: [Module] = []
        for _ in 0..<max(depth - 1, 0) {
            layers.append(try Linear(styleDimension, styleDimension, in: context))
            layers.append(LeakyReLU(0.2))
        }
        layers.append(try Linear(styleDimension, 1, in: context))
        mlp = Sequential(layers)
        super.init()
    }

    /// - Parameter w: W codes [batch, d], or W+ codes [batch, styleCount, d], every style judged on its own.
    /// - Returns: logits [batch, 1] or [batch · styleCount, 1].
    public override func callAsFunction(_ w: Tensor) throws(TorchError) -> Tensor {
        try mlp(w.rank == 3 ? w.flatten(from: 0, to: 1) : w)
    }
}
