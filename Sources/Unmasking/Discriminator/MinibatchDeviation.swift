import NN
import Torch

/// Appends one channel with the mean standard deviation over a group of images (Karras et al. 2018), which lets the
/// discriminator see a lack of variety.
public final class MinibatchDeviation: Module {
    /// Largest group; the largest divisor of the batch up to it is used.
    public let group: Int

    public init(group: Int = 4) {
        self.group = group
        super.init()
    }

    /// [batch, channels, height, width] -> [batch, channels + 1, height, width].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let shape = x.shape
        let batch = shape[0]
        let size = (1...max(1, min(group, batch))).last { batch % $0 == 0 } ?? 1
        let grouped = try x.reshape([size, batch / size, shape[1], shape[2], shape[3]])
        let deviation = try (grouped.variance([0], correction: 0) + 1e-8).sqrt()  // [batch / size, c, h, w]
            .mean([1, 2, 3], keepdim: true)  // [batch / size, 1, 1, 1]
        // Image i belongs to the group of i modulo batch / size.
        let plane = try deviation.repeat([size, 1, 1, 1]).expand([batch, 1, shape[2], shape[3]])
        return try Tensor.cat([x, plane], dim: 1)
    }
}
