import NN
import Torch

/// EfficientNet-Lite (Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", without
/// squeeze-and-excitation, with ReLU6, stem and head not scaled), with the keys `_conv_stem`, `_blocks.N…`, `_conv_head`
/// of the package `efficientnet_lite_pytorch`. [batch, 3, h, w] -> [batch, 1280, ceil(h / 32), ceil(w / 32)], or a
/// sixteenth with last stride 1.
///
/// As in TensorFlow, whose weights these are, pixels are (value - 127) / 128 (this network converts from ImageNet's
/// normalisation, which all backbones share), images are padded so that a stride of 2 gives ceil(size / 2), with the odd
/// row and column at the bottom and the right, and batch normalisation has ε = 0.001 and momentum 0.01. The published
/// training's drop-connect is left out.
public final class EfficientNetLite: PersonBackbone, ConvNormOwner {
    @Child public var stem: Conv2d
    @Child public var stemNorm: BatchNorm2d
    @Child public var blocks: [MobileBottleneck]
    @Child public var head: Conv2d
    @Child public var headNorm: BatchNorm2d
    private let first: ConvNorm
    private let last: ConvNorm
    private let pixelScale: Tensor
    private let pixelShift: Tensor
    var convNorms: [ConvNorm] { [first, last] }

    /// The published sizes.
    public enum Size: Int, Sendable, CaseIterable {
        case lite0 = 0
        case lite2 = 2

        var width: Double { self == .lite0 ? 1 : 1.1 }
        var depth: Double { self == .lite0 ? 1 : 1.2 }

        /// Channels scaled by the width, to the nearest multiple of 8 that is not more than a tenth smaller.
        func channels(_ base: Int) -> Int {
            let scaled = Double(base) * width
            let rounded = max(8, Int(scaled + 4) / 8 * 8)
            return Double(rounded) < 0.9 * scaled ? rounded + 8 : rounded
        }

        func repeats(_ base: Int) -> Int { Int((Double(base) * depth).rounded(.up)) }
    }

    /// Repeats, kernel, stride, expansion and output channels of each stage, before scaling.
    private static let plan = [
        (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    ]

    /// - Parameter lastStride: stride of the stage of 192 channels (before scaling), the last that shrinks the map.
    public init(_ size: Size, lastStride: Int = 2, in context: Context) throws(TorchError) {
        try Self.requireLastStride(lastStride)
        let stem = try Conv2d(3, 32, kernel: 3, stride: 2, bias: false, in: context)
        let stemNorm = try Self.norm(32, in: context)
        var blocks: [MobileBottleneck] = []
        var channels = 32
        for (index, (repeats, kernel, stageStride, expansion, base)) in Self.plan.enumerated() {
            // The first and the last stage keep their depth.
            let isEnd = index == 0 || index == Self.plan.count - 1
            let first = base == 192 ? lastStride : stageStride
            for block in 0..<(isEnd ? repeats : size.repeats(repeats)) {
                blocks.append(
                    try MobileBottleneck(
                        channels, size.channels(base), kernel: kernel, expansion: expansion,
                        stride: block == 0 ? first : 1, in: context))
                channels = size.channels(base)
            }
        }
        let head = try Conv2d(channels, 1280, kernel: 1, bias: false, in: context)
        let headNorm = try Self.norm(1280, in: context)
        _stem = Child(stem, key: "_conv_stem")
        _stemNorm = Child(stemNorm, key: "_bn0")
        _blocks = Child(blocks, key: "_blocks")
        _head = Child(head, key: "_conv_head")
        _headNorm = Child(headNorm, key: "_bn1")
        first = ConvNorm(stem, stemNorm, padding: .same)
        last = ConvNorm(head, headNorm)
        func perChannel(_ values: [Double]) throws(TorchError) -> Tensor {
            try Tensor(values, shape: [1, 3, 1, 1], device: context.device).to(dtype: context.dtype)
        }
        pixelScale = try perChannel(PersonPixels.standardDeviation.map { 255 * $0 / 128 })
        pixelShift = try perChannel(PersonPixels.mean.map { (255 * $0 - 127) / 128 })
        super.init(channels: 1280, stride: 16 * lastStride, classifierPrefixes: ["_fc."])
        try initialiseConvolutions(in: context)
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try requireImages(x)
        var x = try first((x * pixelScale).add_(pixelShift)).relu6_()
        for block in blocks { x = try block(x) }
        return try last(x).relu6_()
    }

    static func norm(_ channels: Int, in context: Context) throws(TorchError) -> BatchNorm2d {
        try BatchNorm2d(channels, eps: 1e-3, momentum: 0.01, in: context)
    }
}

/// EfficientNet's mobile inverted bottleneck: expansion, depthwise convolution, projection without activation; input added
/// where shapes allow. [batch, in, h, w] -> [batch, out, ceil(h / stride), ceil(w / stride)].
public final class MobileBottleneck: Module, ConvNormOwner {
    @Child public var expand: Conv2d?
    @Child public var expandNorm: BatchNorm2d?
    @Child public var depthwise: Conv2d
    @Child public var depthwiseNorm: BatchNorm2d
    @Child public var project: Conv2d
    @Child public var projectNorm: BatchNorm2d
    let convNorms: [ConvNorm]
    private let hasShortcut: Bool

    init(
        _ input: Int, _ output: Int, kernel: Int, expansion: Int, stride: Int, in context: Context
    ) throws(TorchError) {
        let inner = input * expansion
        var units: [ConvNorm] = []
        if expansion == 1 {
            _expand = Child(nil, key: "_expand_conv")
            _expandNorm = Child(nil, key: "_bn0")
        } else {
            let conv = try Conv2d(input, inner, kernel: 1, bias: false, in: context)
            let norm = try EfficientNetLite.norm(inner, in: context)
            _expand = Child(conv, key: "_expand_conv")
            _expandNorm = Child(norm, key: "_bn0")
            units.append(ConvNorm(conv, norm))
        }
        let depthwise = try Conv2d(
            inner, inner, kernel: kernel, stride: stride, padding: stride == 1 ? kernel / 2 : 0,
            groups: inner,
            bias: false, in: context)
        let depthwiseNorm = try EfficientNetLite.norm(inner, in: context)
        units.append(ConvNorm(depthwise, depthwiseNorm, padding: stride == 1 ? .own : .same))
        let project = try Conv2d(inner, output, kernel: 1, bias: false, in: context)
        let projectNorm = try EfficientNetLite.norm(output, in: context)
        units.append(ConvNorm(project, projectNorm))
        _depthwise = Child(depthwise, key: "_depthwise_conv")
        _depthwiseNorm = Child(depthwiseNorm, key: "_bn1")
        _project = Child(project, key: "_project_conv")
        _projectNorm = Child(projectNorm, key: "_bn2")
        convNorms = units
        hasShortcut = stride == 1 && input == output
        super.init()
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        var y = x
        for unit in convNorms.dropLast() { y = try unit(y).relu6_() }
        for unit in convNorms.suffix(1) { y = try unit(y) }
        return hasShortcut ? try y.add_(x) : y
    }
}
