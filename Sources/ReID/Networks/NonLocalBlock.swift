import NN
import Torch

/// Non-local attention as AGW uses it (Ye et al. 2020, "Deep Learning for Person Re-identification: A Survey and Outlook",
/// eq. 14; Wang et al. 2018, "Non-local Neural Networks", dot-product form): every place of the map gets a sum over all
/// places, weighted by similarity.
///
/// z = x + BN(W y), yᵢ = 1/N Σⱼ (θ(xᵢ) · φ(xⱼ)) g(xⱼ), with pointwise convolutions g, θ, φ and W (keys `g`, `theta`, `phi`, `W.0`,
/// `W.1`, as published). The normalisation starts with weight 0, so that a new block changes nothing.
/// [batch, channels, h, w] to the same.
public final class NonLocalBlock: Module, ConvNormOwner {
    public let g: Conv2d
    public let theta: Conv2d
    public let phi: Conv2d
    @Child public var output: [Module]
    private let pair: ConvNorm
    var convNorms: [ConvNorm] { [pair] }

    /// - Parameter inner: channels within.
    public init(_ channels: Int, inner: Int, in context: Context) throws(TorchError) {
        guard channels > 0, inner > 0 else {
            throw .invalidArgument(
                "NonLocalBlock: \(channels) channels, \(inner) within; expected at least 1")
        }
        g = try Conv2d(channels, inner, kernel: 1, in: context)
        theta = try Conv2d(channels, inner, kernel: 1, in: context)
        phi = try Conv2d(channels, inner, kernel: 1, in: context)
        let conv = try Conv2d(inner, channels, kernel: 1, in: context)
        let norm = try BatchNorm2d(channels, in: context)
        try noGrad { () throws(TorchError) in _ = try norm.weight.zero_() }
        _output = Child([conv, norm], key: "W")
        pair = ConvNorm(conv, norm)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let (batch, places) = (x.size(0), x.size(2) * x.size(3))
        let inner = g.weight.size(0)
        func rows(_ map: Tensor) throws(TorchError) -> Tensor { try map.reshape([batch, inner, places]) }
        let keys = try rows(phi(x))  // [batch, inner, places]
        // (θ φᵀ) g = θ (φᵀ g): without the matrix of all pairs, which has places² entries.
        let mixed = try keys.matmul(rows(g(x)).transpose(1, 2)) / Double(places)  // [batch, inner, inner]
        let y = try mixed.transpose(1, 2).matmul(rows(theta(x)))  // [batch, inner, places]
        var map = try y.reshape([batch, inner] + x.shape.suffix(2))
        if !x.isContiguous { map = try map.channelsLast() }
        return try pair(map).add_(x)
    }
}

/// Where and how wide non-local attention is.
public enum NonLocalAttention: String, Codable, Sendable, CaseIterable {
    case none
    /// Half of the channels within, as the papers have it.
    case half
    /// One channel within, as in the published code and weights of AGW and fast-reid.
    case single

    func inner(of channels: Int) -> Int? {
        switch self {
        case .none: nil
        case .half: channels / 2
        case .single: 1
        }
    }
}
