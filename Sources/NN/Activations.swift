import Torch

public final class Identity: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { x }
}
public final class ReLU: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.relu() }
}
public final class ReLU6: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.relu6() }
}
public final class GELU: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.gelu() }
}
public final class SiLU: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.silu() }
}
public final class HardSwish: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.hardswish() }
}
public final class Sigmoid: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.sigmoid() }
}
public final class Tanh: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.tanh() }
}
public final class LeakyReLU: Module {
    public let slope: Double
    public init(_ slope: Double = 0.01) { self.slope = slope }
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.leakyReLU(slope) }
}

/// max(0, x) + weight·min(0, x) with one slope per channel (He et al. 2015). Weight [channels].
public final class PReLU: Module {
    @Parameter public var weight: Tensor

    public init(_ channels: Int, initial: Double = 0.25, in context: Context) throws(TorchError) {
        _weight = try Parameter(Initialiser.constant(initial).make([channels], in: context))
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.prelu(weight) }
}

/// Zeroes elements with probability `p` while training and scales the others by 1 / (1 - p).
///
/// The mask comes from the generator given at construction, so that runs with one seed agree.
public final class Dropout: Module {
    public let p: Double
    private let generator: Generator

    public init(_ p: Double, in context: Context) throws(TorchError) {
        guard p >= 0, p < 1 else { throw .invalidArgument("Dropout: p = \(p), expected 0 <= p < 1") }
        self.p = p
        generator = context.generator
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        guard isTraining, p > 0 else { return x }
        let keep = try noGrad { () throws(TorchError) in
            try Tensor.rand(x.shape, generator: generator).ge(p).to(dtype: x.dtype) / (1 - p)
        }
        return try x * keep
    }
}
