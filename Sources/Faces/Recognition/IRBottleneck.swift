import NN
import Torch

/// One unit of the IR-SE trunk: normalise, convolve, PReLU, convolve with the stride, normalise, gate the channels; added to
/// the input, which is subsampled where the channels stay and projected where they change.
public final class IRBottleneck: Module {
    /// Keys `res_layer.0` … `res_layer.5`.
    @Child public var residual: Sequential
    /// Keys `shortcut_layer.0`, `.1`; nil where the channels stay.
    @Child public var shortcut: Sequential?
    private let stride: Int

    public init(_ inputs: Int, _ outputs: Int, stride: Int, reduction: Int, in context: Context)
        throws(TorchError)
    {
        self.stride = stride
        _residual = Child(
            Sequential([
                try BatchNorm2d(inputs, in: context),
                try Conv2d(inputs, outputs, kernel: 3, padding: 1, bias: false, in: context),
                try PReLU(outputs, in: context),
                try Conv2d(outputs, outputs, kernel: 3, stride: stride, padding: 1, bias: false, in: context),
                try BatchNorm2d(outputs, in: context),
                try IRGate(outputs, reduction: reduction, in: context),
            ]), key: "res_layer")
        _shortcut = Child(
            inputs == outputs
                ? nil
                : Sequential([
                    try Conv2d(inputs, outputs, kernel: 1, stride: stride, bias: false, in: context),
                    try BatchNorm2d(outputs, in: context),
                ]), key: "shortcut_layer")
        super.init()
    }

    /// [batch, inputs, h, w] -> [batch, outputs, ⌈h / stride⌉, ⌈w / stride⌉].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        if let shortcut { return try residual(x) + shortcut(x) }
        // Max pooling of single pixels, as the published code writes it, is subsampling.
        let skipped = stride == 1 ? x : try x.slice(dim: 2, step: stride).slice(dim: 3, step: stride)
        return try residual(x) + skipped
    }
}

/// Channel gates without biases (Hu et al. 2018), as the IR-SE trunk has them: keys `fc1.weight`, `fc2.weight`.
public final class IRGate: Module {
    public let fc1: Conv2d
    public let fc2: Conv2d

    public init(_ channels: Int, reduction: Int, in context: Context) throws(TorchError) {
        fc1 = try Conv2d(channels, channels / reduction, kernel: 1, bias: false, in: context)
        fc2 = try Conv2d(channels / reduction, channels, kernel: 1, bias: false, in: context)
        super.init()
    }

    /// [batch, channels, h, w] -> the same, every channel scaled by 0…1.
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x * fc2(fc1(x.mean([2, 3], keepdim: true)).relu()).sigmoid()
    }
}
