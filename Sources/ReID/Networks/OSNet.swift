import NN
import Torch

/// Omni-scale network (Zhou et al. 2019, "Omni-Scale Feature Learning for Person Re-Identification", table 1) with
/// torchreid's keys, up to the feature map: `conv1` … `conv5`.
/// [batch, 3, h, w] -> [batch, 512·width, floor(ceil(h / 4) / 4), floor(ceil(w / 4) / 4)].
public final class OSNet: PersonBackbone {
    public let conv1: OSNetConv
    /// Two blocks, then a 1x1 convolution (key `2.0`) in front of a pooling by 2.
    public let conv2: [Module]
    public let conv3: [Module]
    /// Two blocks.
    public let conv4: [Module]
    public let conv5: OSNetConv

    /// The published widths.
    public enum Width: String, Sendable, CaseIterable {
        case quarter, half, threeQuarters, full

        var channels: [Int] {
            switch self {
            case .quarter: [16, 64, 96, 128]
            case .half: [32, 128, 192, 256]
            case .threeQuarters: [48, 192, 288, 384]
            case .full: [64, 256, 384, 512]
            }
        }
    }

    public init(_ width: Width, in context: Context) throws(TorchError) {
        let channels = width.channels
        conv1 = try OSNetConv(3, channels[0], kernel: 7, stride: 2, in: context)
        func stage(_ index: Int, pools: Bool) throws(TorchError) -> [Module] {
            var layers: [Module] = [
                try OSNetBlock(channels[index], channels[index + 1], in: context),
                try OSNetBlock(channels[index + 1], channels[index + 1], in: context),
            ]
            if pools {
                layers.append(
                    Sequential([
                        try OSNetConv(channels[index + 1], channels[index + 1], kernel: 1, in: context),
                        AvgPool2d(2),
                    ]))
            }
            return layers
        }
        conv2 = try stage(0, pools: true)
        conv3 = try stage(1, pools: true)
        conv4 = try stage(2, pools: false)
        conv5 = try OSNetConv(channels[3], channels[3], kernel: 1, in: context)
        super.init(channels: channels[3], stride: 16, classifierPrefixes: ["fc.", "classifier."])
        try initialiseConvolutions(in: context)
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try requireImages(x)
        guard x.size(2) > 12, x.size(3) > 12 else {
            throw .invalidArgument("OSNet: images of shape \(x.shape), expected at least 13x13 pixels")
        }
        var x = try conv1(x).maxPool2d(kernel: 3, stride: 2, padding: 1)
        for layer in conv2 + conv3 + conv4 { x = try layer(x) }
        return try conv5(x)
    }
}

/// Convolution (key `conv`), batch normalisation (`bn`) and, except at the end of a block, ReLU.
public final class OSNetConv: Module, ConvNormOwner {
    public let conv: Conv2d
    public let bn: BatchNorm2d
    private let unit: ConvNorm
    private let isLinear: Bool
    var convNorms: [ConvNorm] { [unit] }

    init(
        _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, isLinear: Bool = false, in context: Context
    ) throws(TorchError) {
        conv = try Conv2d(
            input, output, kernel: kernel, stride: stride, padding: kernel / 2, bias: false, in: context)
        bn = try BatchNorm2d(output, in: context)
        unit = ConvNorm(conv, bn)
        self.isLinear = isLinear
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let y = try unit(x)
        return isLinear ? y : try y.relu_()
    }
}
