import NN
import Torch

/// The learned strength of a layer's per-pixel noise (key `weight`, [1]).
public final class NoiseInjection: Module {
    @Parameter public var weight: Tensor

    public init(in context: Context) throws(TorchError) {
        _weight = try Parameter(.zeros([1], in: context), key: "weight")
        super.init()
    }
}
