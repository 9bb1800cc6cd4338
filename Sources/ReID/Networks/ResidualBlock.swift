import NN
import Torch

/// torchvision's `BasicBlock` (two 3x3 convolutions) or `Bottleneck` (1x1, 3x3 with the stride, 1x1 to four times the
/// width), the input added before the last activation.
/// [batch, in, h, w] -> [batch, channels, ceil(h / stride), ceil(w / stride)].
public final class ResidualBlock: Module, ConvNormOwner {
    public let conv1: Conv2d
    /// A `BatchNorm2d` or an `InstanceBatchNorm`.
    public let bn1: Module
    public let conv2: Conv2d
    public let bn2: BatchNorm2d
    public let conv3: Conv2d?
    public let bn3: BatchNorm2d?
    /// Empty, or a 1x1 convolution and its normalisation for a shortcut of another shape.
    public let downsample: [Module]
    /// Output channels.
    public let channels: Int
    private let first: ConvNorm?
    private let others: [ConvNorm]
    private let shortcut: ConvNorm?
    var convNorms: [ConvNorm] { [first, shortcut].compactMap { $0 } + others }

    init(
        _ input: Int, _ width: Int, isBottleneck: Bool, stride: Int, instanceBatchNorm: Bool,
        in context: Context
    ) throws(TorchError) {
        channels = isBottleneck ? 4 * width : width
        conv1 = try Conv2d(
            input, width, kernel: isBottleneck ? 1 : 3, stride: isBottleneck ? 1 : stride,
            padding: isBottleneck ? 0 : 1, bias: false, in: context)
        if instanceBatchNorm {
            bn1 = try InstanceBatchNorm(width, in: context)
            first = nil
        } else {
            let norm = try BatchNorm2d(width, in: context)
            bn1 = norm
            first = ConvNorm(conv1, norm)
        }
        conv2 = try Conv2d(
            width, width, kernel: 3, stride: isBottleneck ? stride : 1, padding: 1, bias: false, in: context)
        bn2 = try BatchNorm2d(width, in: context)
        var others = [ConvNorm(conv2, bn2)]
        if isBottleneck {
            let (conv, norm) = (
                try Conv2d(width, channels, kernel: 1, bias: false, in: context),
                try BatchNorm2d(channels, in: context)
            )
            (conv3, bn3) = (conv, norm)
            others.append(ConvNorm(conv, norm))
        } else {
            (conv3, bn3) = (nil, nil)
        }
        self.others = others
        if stride != 1 || input != channels {
            let conv = try Conv2d(input, channels, kernel: 1, stride: stride, bias: false, in: context)
            let norm = try BatchNorm2d(channels, in: context)
            downsample = [conv, norm]
            shortcut = ConvNorm(conv, norm)
        } else {
            downsample = []
            shortcut = nil
        }
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var y: Tensor
        if let first { y = try first(x) } else { y = try bn1(conv1(x)) }
        for unit in others { y = try unit(y.relu_()) }
        return try y.add_(shortcut?(x) ?? x).relu_()
    }
}

/// IBN-a: the first half of the channels normalised per image (key `IN`), the others over the batch (`BN`).
public final class InstanceBatchNorm: Module {
    @Child public var instance: InstanceNorm2d
    @Child public var batch: BatchNorm2d
    private let half: Int

    public init(_ channels: Int, in context: Context) throws(TorchError) {
        half = channels / 2
        _instance = Child(try InstanceNorm2d(half, affine: true, in: context), key: "IN")
        _batch = Child(try BatchNorm2d(channels - half, in: context), key: "BN")
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var normalised = try instance(x.narrow(1, 0, half))
        // Instance normalisation gives channels-first whatever it is given.
        if !x.isContiguous { normalised = try normalised.channelsLast() }
        return try Tensor.cat([normalised, batch(x.narrow(1, half, x.size(1) - half))], dim: 1)
    }
}
