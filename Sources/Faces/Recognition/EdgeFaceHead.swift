import NN
import Torch

/// Global average pooling, layer normalisation, linear embedding.
public final class EdgeFaceHead: Module {
    public let norm: LayerNorm
    public let fc: Linear

    init(_ width: Int, embedding: Int, in context: Context) throws(TorchError) {
        norm = try LayerNorm([width], eps: 1e-6, in: context)
        fc = try Linear(width, embedding, in: context)
        super.init()
    }

    /// [batch, width, height, width] -> [batch, embedding].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try fc(norm(x.mean([2, 3])))
    }
}
