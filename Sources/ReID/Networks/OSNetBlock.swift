import NN
import Torch

/// OSNet's residual block (Zhou et al. 2019, fig. 4): four streams of one to four light convolutions, whose receptive
/// fields are 3, 5, 7 and 9, weighed per channel by one shared gate and summed.
/// [batch, in, h, w] -> [batch, out, h, w].
public final class OSNetBlock: Module {
    public let conv1: OSNetConv
    public let conv2a: LightConv
    public let conv2b: [LightConv]
    public let conv2c: [LightConv]
    public let conv2d: [LightConv]
    public let gate: ChannelGate
    public let conv3: OSNetConv
    public let downsample: OSNetConv?

    init(_ input: Int, _ output: Int, in context: Context) throws(TorchError) {
        let inner = output / 4
        func stream(_ depth: Int) throws(TorchError) -> [LightConv] {
            var layers: [LightConv] = []
            for _ in 0..<depth { layers.append(try LightConv(inner, in: context)) }
            return layers
        }
        conv1 = try OSNetConv(input, inner, kernel: 1, in: context)
        conv2a = try LightConv(inner, in: context)
        conv2b = try stream(2)
        conv2c = try stream(3)
        conv2d = try stream(4)
        gate = try ChannelGate(inner, in: context)
        conv3 = try OSNetConv(inner, output, kernel: 1, isLinear: true, in: context)
        downsample =
            input == output ? nil : try OSNetConv(input, output, kernel: 1, isLinear: true, in: context)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let reduced = try conv1(x)
        let sum = try gate(conv2a(reduced))
        for stream in [conv2b, conv2c, conv2d] {
            var y = reduced
            for layer in stream { y = try layer(y) }
            try sum.add_(gate(y))
        }
        return try conv3(sum).add_(downsample?(x) ?? x).relu_()
    }
}

/// Pointwise convolution (key `conv1`), depthwise 3x3 (`conv2`), batch normalisation (`bn`), ReLU.
public final class LightConv: Module, ConvNormOwner {
    public let conv1: Conv2d
    public let conv2: Conv2d
    public let bn: BatchNorm2d
    private let unit: ConvNorm
    var convNorms: [ConvNorm] { [unit] }

    init(_ channels: Int, in context: Context) throws(TorchError) {
        conv1 = try Conv2d(channels, channels, kernel: 1, bias: false, in: context)
        conv2 = try Conv2d(
            channels, channels, kernel: 3, padding: 1, groups: channels, bias: false, in: context)
        bn = try BatchNorm2d(channels, in: context)
        unit = ConvNorm(conv2, bn)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try unit(conv1(x)).relu_()
    }
}

/// Each channel times a weight in 0…1 that two pointwise convolutions make from the means of all channels.
public final class ChannelGate: Module {
    public let fc1: Conv2d
    public let fc2: Conv2d

    init(_ channels: Int, in context: Context) throws(TorchError) {
        fc1 = try Conv2d(channels, channels / 16, kernel: 1, in: context)
        fc2 = try Conv2d(channels / 16, channels, kernel: 1, in: context)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x * fc2(fc1(x.mean([2, 3], keepdim: true)).relu_()).sigmoid()
    }
}
