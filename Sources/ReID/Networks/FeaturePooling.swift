import NN
import Torch

/// How a feature map becomes one vector.
public enum FeaturePooling: String, Codable, CaseIterable, Sendable {
    /// The mean of each channel.
    case gap
    /// The largest value of each channel.
    case gmp
    /// The generalised mean with a learnt exponent, between the other two.
    case gem

    func make(in context: Context) throws(TorchError) -> Module {
        switch self {
        case .gap: GlobalAveragePool()
        case .gmp: GlobalMaxPool()
        case .gem: try GeneralisedMeanPool(in: context)
        }
    }
}

/// [batch, channels, h, w] -> [batch, channels]: means.
public final class GlobalAveragePool: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.mean([2, 3]) }
}

/// [batch, channels, h, w] -> [batch, channels]: maxima.
public final class GlobalMaxPool: Module {
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.adaptiveMaxPool2d([1, 1]).flatten(from: 1)
    }
}

/// [batch, channels, h, w] -> [batch, channels]: (mean of max(x, ε)^p)^(1/p) with a learnt p (Radenović et al. 2018,
/// "Fine-tuning CNN Image Retrieval with No Human Annotation", eq. 3). Key `p`, shape [1].
public final class GeneralisedMeanPool: Module {
    @Parameter public var p: Tensor
    public let eps: Double

    public init(initial: Double = 3, eps: Double = 1e-6, in context: Context) throws(TorchError) {
        _p = try Parameter(Initialiser.constant(initial).make([1], in: context))
        self.eps = eps
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let powers = try Tensor.call("aten::pow.Tensor_Tensor", x.clamp(min: eps), p)[0]
        return try Tensor.call("aten::pow.Tensor_Tensor", powers.mean([2, 3]), p.reciprocal())[0]
    }
}
