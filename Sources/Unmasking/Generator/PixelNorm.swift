import NN
import Torch

/// Scales every row to a mean square of one: x / sqrt(mean(x²) + 1e-8) over dimension 1.
public final class PixelNorm: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x * (x.square().mean([1], keepdim: true) + 1e-8).rsqrt()
    }
}
