import NN
import Torch

/// Split depthwise transpose attention (SDTA): channel groups pass through 3x3 depthwise convolutions one after the
/// other, each adding the previous group's result; then attention between channels, then a pointwise MLP.
///
/// Maaz et al. 2022, "EdgeNeXt", section 3.
public final class EdgeFaceTransposeBlock: EdgeFaceBlock {
    public let convs: [Conv2d]
    @Child public var positional: EdgeFacePositionalEncoding?
    @Child public var attentionNorm: LayerNorm
    @Parameter public var attentionGamma: Tensor
    @Child public var attention: CrossCovarianceAttention
    public let norm: LayerNorm
    public let mlp: EdgeFaceMLP
    @Parameter public var gamma: Tensor

    /// Channels of each group; the last one, which is not convolved, takes what is left.
    private let parts: [Int]

    init(_ width: Int, scales: Int, heads: Int, positional: Bool, in context: Context) throws(TorchError) {
        let part = (width + scales - 1) / scales
        parts = Array(repeating: part, count: scales - 1) + [width - part * (scales - 1)]
        var convs: [Conv2d] = []
        for _ in 0..<(scales - 1) {
            convs.append(try Conv2d(part, part, kernel: 3, padding: 1, groups: part, in: context))
        }
        self.convs = convs
        _positional = Child(
            positional ? try EdgeFacePositionalEncoding(width, in: context) : nil, key: "pos_embd")
        _attentionNorm = Child(try LayerNorm([width], eps: 1e-6, in: context), key: "norm_xca")
        _attentionGamma = try Parameter(
            Initialiser.constant(1e-6).make([width], in: context), key: "gamma_xca")
        _attention = Child(try CrossCovarianceAttention(width, heads: heads, in: context), key: "xca")
        norm = try LayerNorm([width], eps: 1e-6, in: context)
        mlp = try EdgeFaceMLP(width, in: context)
        _gamma = try Parameter(Initialiser.constant(1e-6).make([width], in: context))
        super.init()
    }

    /// [batch, channels, height, width] -> same shape.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let (batch, channels, height, width) = (x.size(0), x.size(1), x.size(2), x.size(3))
        var outputs: [Tensor] = []
        var start = 0
        for (index, conv) in convs.enumerated() {
            let group = try x.narrow(1, start, parts[index])
            outputs.append(
                try conv(outputs.last.map { (last) throws(TorchError) in try last + group } ?? group))
            start += parts[index]
        }
        outputs.append(try x.narrow(1, start, channels - start))

        // [batch, height, width, channels], whose rows are the tokens
        var tokens = try Tensor.cat(outputs, dim: 1).permute([0, 2, 3, 1])
            .reshape([batch, height * width, channels])
        if let positional { tokens = try tokens + positional(height: height, width: width) }
        tokens = try tokens + attention(attentionNorm(tokens), scaledBy: attentionGamma)
        let inner = try mlp(norm(tokens), scaledBy: gamma)
        return try x + inner.reshape([batch, height, width, channels]).permute([0, 3, 1, 2])
    }
}
