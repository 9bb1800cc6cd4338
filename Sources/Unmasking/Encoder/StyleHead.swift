import NN
import Torch

/// The heads of all styles of one pyramid level: pooled to a small grid, one shared hidden layer, then one linear map per
/// style, computed as one matrix product.
public final class StyleHead: Module {
    public let hidden: Linear
    public let output: Linear
    private let pooledSize: Int
    private let styles: Int

    public init(
        _ channels: Int, pooledSize: Int, hidden features: Int, styles: Int, dimension: Int,
        in context: Context
    ) throws(TorchError) {
        self.pooledSize = pooledSize
        self.styles = styles
        hidden = try Linear(channels * pooledSize * pooledSize, features, in: context)
        output = try Linear(features, styles * dimension, in: context)
        super.init()
        // Start close to the mean latent, where the generator draws a face.
        try noGrad { () throws(TorchError) in
            try output.weight.mul_(0.1)
            try output.bias?.zero_()
        }
    }

    /// [batch, channels, height, width] -> offsets [batch, styles, dimension].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let pooled = x.size(2) == pooledSize ? x : try x.adaptiveAvgPool2d([pooledSize, pooledSize])
        let features = try hidden(pooled.flatten(from: 1)).leakyReLUInPlace(0.1)
        return try output(features).reshape([x.size(0), styles, -1])
    }
}
