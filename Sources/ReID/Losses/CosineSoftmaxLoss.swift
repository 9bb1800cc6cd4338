import Foundation
import NN
import Torch

/// Softmax cross-entropy over scaled cosines between features and class weights, both normalised here, with or without a
/// margin on the target.
///
/// As the cosine does not change with the length of the feature, the gradient has no part along the feature. A feature (or
/// class weight) of length 0 has cosine 0 with everything and no gradient.
public final class CosineSoftmaxLoss: ClassifierLoss {
    /// The factor of the cosines.
    public enum Scale: Sendable, Equatable {
        case fixed(Double)
        /// Trained from this value; the parameter `log_scale` is its logarithm, so that it stays positive. Exempt it from
        /// weight decay.
        case learned(initial: Double)
    }

    /// What is taken from the target, to make its class more compact.
    public enum Margin: Sendable, Equatable {
        case none
        /// cos(θ + m), m in radians (ArcFace, Deng et al. 2019).
        ///
        /// Beyond θ = π - m, cos(θ + m) would rise again. There, as in the authors' code, the target is cos θ - m sin m,
        /// which keeps falling; or, with `easy`, the margin holds only for θ < π/2 and is 0 beyond. The target is
        /// calculated as cos θ cos m - sin θ sin m, without acos; within rounding of cos θ = ±1 (sin²θ <= 1e-6, in float64
        /// 1e-14), where the derivative of sin θ grows without bound, sin θ is 0 and constant.
        case additiveAngular(Double, easy: Bool = false)
        /// cos θ - m (CosFace, Wang et al. 2018).
        case additiveCosine(Double)
    }

    public let margin: Margin
    private let fixedScale: Double
    @OptionalParameter public var logScale: Tensor?

    /// - Throws: `TorchError.invalidArgument` for a scale that is not positive, an angular margin outside 0 … π/2 or a cosine
    ///   margin outside 0 … 1.
    public init(
        dimension: Int, classes: Int, scale: Scale = .fixed(30), margin: Margin = .none,
        labelSmoothing: Double = 0, in context: Context
    ) throws(TorchError) {
        switch scale {
        case .fixed(let value), .learned(let value):
            guard value > 0, value.isFinite else {
                throw .invalidArgument(
                    "cosine softmax: scale \(value); expected a positive number, such as 30")
            }
            fixedScale = value
        }
        if case .learned(let initial) = scale {
            _logScale = try OptionalParameter(
                Tensor.full([], log(initial), dtype: context.dtype, device: context.device), key: "log_scale")
        } else {
            _logScale = try OptionalParameter(nil, key: "log_scale")
        }
        switch margin {
        case .additiveAngular(let m, _) where !(0...Double.pi / 2).contains(m):
            throw .invalidArgument("ArcFace: margin \(m); expected radians in 0 … π/2, such as 0.5")
        case .additiveCosine(let m) where !(0...1).contains(m):
            throw .invalidArgument("CosFace: margin \(m); expected a cosine in 0 … 1, such as 0.35")
        default: self.margin = margin
        }
        try super.init(
            dimension: dimension, classes: classes, labelSmoothing: labelSmoothing,
            initialiser: .xavierUniform(), in: context)
    }

    /// The factor of the cosines, now.
    public func scale() throws(TorchError) -> Double {
        guard let logScale else { return fixedScale }
        return exp(try logScale.detach().item())
    }

    /// Cosines [N, classes].
    public override func scores(_ features: Tensor) throws(TorchError) -> Tensor {
        try features.unitRows().matmul(weight.unitRows().transpose(0, 1))
    }

    public override func logits(_ features: Tensor) throws(TorchError) -> Tensor {
        try scaled(scores(features.to(dtype: weight.dtype)))
    }

    public override func loss(scores: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        var cosines = scores
        if margin != .none {
            let column = try labels.unsqueeze(1)
            let target = try scores.gather(1, column)
            cosines = try scores.scatterAdd(1, column, penalised(target) - target)
        }
        return try scaled(cosines).crossEntropy(labels, labelSmoothing: labelSmoothing)
    }

    private func scaled(_ cosines: Tensor) throws(TorchError) -> Tensor {
        if let logScale { try cosines * logScale.exp() } else { try cosines * fixedScale }
    }

    /// The target's cosine with its margin, [N, 1].
    private func penalised(_ cosine: Tensor) throws(TorchError) -> Tensor {
        switch margin {
        case .none: return cosine
        case .additiveCosine(let m): return try cosine - m
        case .additiveAngular(let m, let easy):
            let squared = try (1 - cosine) * (cosine + 1)
            let isFlat = try squared.le(cosine.dtype == .float64 ? 1e-14 : 1e-6)
            // The inner replacement keeps the infinite derivative out of the graph, the outer one sets the value.
            let sine = try squared.maskedFill(isFlat, 1).sqrt().maskedFill(isFlat, 0)
            let turned = try cosine * cos(m) - sine * sin(m)
            if easy { return try turned.whereSelf(cosine.gt(0), cosine) }
            return try turned.whereSelf(cosine.gt(cos(.pi - m)), cosine - m * sin(m))
        }
    }
}
