import NN
import Torch

/// Channel gates from the global average (Hu et al. 2018).
public final class SqueezeExcite: Module {
    public let fc1: Conv2d
    public let fc2: Conv2d

    public init(_ channels: Int, reduction: Int, in context: Context) throws(TorchError) {
        let hidden = max(channels / reduction, 1)
        fc1 = try Conv2d(channels, hidden, kernel: 1, in: context)
        fc2 = try Conv2d(hidden, channels, kernel: 1, in: context)
        super.init()
    }

    /// [batch, channels, height, width] -> the same, every channel scaled by 0…1.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x * fc2(fc1(x.mean([2, 3], keepdim: true)).relu()).sigmoid()
    }
}
