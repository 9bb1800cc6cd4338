import NN
import Torch

/// MobileNetV2, width 1.0 (Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", table 2), with
/// torchvision's keys `features.N…`. [batch, 3, h, w] -> [batch, 1280, h / 32, w / 32], or h / 16, w / 16 with last
/// stride 1.
public final class MobileNetV2: PersonBackbone {
    public let features: [Module]

    /// Expansion, output channels, repeats and stride of the first block of each stage.
    private static let plan = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
        (6, 320, 1, 1),
    ]

    /// - Parameter lastStride: stride of the stage of 160 channels, the last that shrinks the map.
    public init(lastStride: Int = 2, in context: Context) throws(TorchError) {
        try Self.requireLastStride(lastStride)
        var features: [Module] = [
            try ConvNormReLU6(3, 32, kernel: 3, stride: 2, in: context)
        ]
        var channels = 32
        for (expansion, width, repeats, stageStride) in Self.plan {
            for index in 0..<repeats {
                let first = width == 160 ? lastStride : stageStride
                features.append(
                    try InvertedResidual(
                        channels, width, expansion: expansion, stride: index == 0 ? first : 1, in: context))
                channels = width
            }
        }
        features.append(try ConvNormReLU6(channels, 1280, kernel: 1, in: context))
        self.features = features
        super.init(channels: 1280, stride: 16 * lastStride, classifierPrefixes: ["classifier."])
        try initialiseConvolutions(in: context)
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try requireImages(x)
        var x = x
        for layer in features { x = try layer(x) }
        return x
    }
}

/// Expansion by a pointwise convolution, depthwise 3x3, projection without activation; input added where shapes allow.
/// [batch, in, h, w] -> [batch, out, ceil(h / stride), ceil(w / stride)].
public final class InvertedResidual: Module, ConvNormOwner {
    public let conv: [Module]
    private let projection: ConvNorm
    private let hasShortcut: Bool
    var convNorms: [ConvNorm] { [projection] }

    init(_ input: Int, _ output: Int, expansion: Int, stride: Int, in context: Context) throws(TorchError) {
        let inner = input * expansion
        var layers: [Module] = []
        if expansion != 1 { layers.append(try ConvNormReLU6(input, inner, kernel: 1, in: context)) }
        layers.append(
            try ConvNormReLU6(inner, inner, kernel: 3, stride: stride, groups: inner, in: context))
        let last = try Conv2d(inner, output, kernel: 1, bias: false, in: context)
        let norm = try BatchNorm2d(output, in: context)
        projection = ConvNorm(last, norm)
        conv = layers + [last, norm]
        hasShortcut = stride == 1 && input == output
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var y = x
        for layer in conv.dropLast(2) { y = try layer(y) }
        y = try projection(y)
        return hasShortcut ? try y.add_(x) : y
    }
}

/// Convolution (key `0`), batch normalisation (`1`), ReLU6.
public final class ConvNormReLU6: Module, ConvNormOwner {
    @Child public var conv: Conv2d
    @Child public var norm: BatchNorm2d
    private let pair: ConvNorm
    var convNorms: [ConvNorm] { [pair] }

    init(
        _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, groups: Int = 1, in context: Context
    ) throws(TorchError) {
        let conv = try Conv2d(
            input, output, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false,
            in: context)
        let norm = try BatchNorm2d(output, in: context)
        _conv = Child(conv, key: "0")
        _norm = Child(norm, key: "1")
        pair = ConvNorm(conv, norm)
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try pair(x).relu6_() }
}
