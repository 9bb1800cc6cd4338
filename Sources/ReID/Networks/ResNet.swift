import NN
import Torch

/// Residual networks (He et al. 2016, "Deep Residual Learning for Image Recognition", table 1) with torchvision's keys
/// `conv1`, `bn1`, `layerN.M…`; the stride of a bottleneck is in its 3x3 convolution, as in torchvision.
/// [batch, 3, h, w] -> [batch, 512 (18, 34) or 2048 (50), h / 32, w / 32], or h / 16, w / 16 with last stride 1.
///
/// With IBN-a (Pan et al. 2018, "Two at Once: Enhancing Learning and Generalization Capacities via IBN-Net"), keys as
/// published: half of the channels behind the first convolution of each block are normalised per image, in all stages
/// but the last.
///
/// Non-local attention (`NonLocalBlock`, keys `NL_2.N` and `NL_3.N` as published) follows the last two blocks of the second stage
/// and the later half of those of the third: for depth 50 two and three blocks, as in AGW.
public final class ResNet: PersonBackbone, ConvNormOwner {
    public let conv1: Conv2d
    public let bn1: BatchNorm2d
    public let layer1: [ResidualBlock]
    public let layer2: [ResidualBlock]
    public let layer3: [ResidualBlock]
    public let layer4: [ResidualBlock]
    @Child public var attention2: [NonLocalBlock]
    @Child public var attention3: [NonLocalBlock]
    private let stem: ConvNorm
    var convNorms: [ConvNorm] { [stem] }

    /// Published depths.
    public enum Depth: Int, Sendable, CaseIterable {
        case d18 = 18
        case d34 = 34
        case d50 = 50

        var blocks: [Int] { self == .d18 ? [2, 2, 2, 2] : [3, 4, 6, 3] }
        var isBottleneck: Bool { self == .d50 }
    }

    /// - Parameters:
    ///   - lastStride: stride of the last stage.
    ///   - instanceBatchNorm: IBN-a.
    ///   - nonLocal: attention between blocks.
    public init(
        _ depth: Depth, lastStride: Int = 2, instanceBatchNorm: Bool = false,
        nonLocal: NonLocalAttention = .none, in context: Context
    ) throws(TorchError) {
        try Self.requireLastStride(lastStride)
        conv1 = try Conv2d(3, 64, kernel: 7, stride: 2, padding: 3, bias: false, in: context)
        bn1 = try BatchNorm2d(64, in: context)
        stem = ConvNorm(conv1, bn1)
        var channels = 64
        func stage(_ index: Int, stride: Int) throws(TorchError) -> [ResidualBlock] {
            var blocks: [ResidualBlock] = []
            for block in 0..<depth.blocks[index] {
                let made = try ResidualBlock(
                    channels, 64 << index, isBottleneck: depth.isBottleneck, stride: block == 0 ? stride : 1,
                    instanceBatchNorm: instanceBatchNorm && index < 3, in: context)
                channels = made.channels
                blocks.append(made)
            }
            return blocks
        }
        layer1 = try stage(0, stride: 1)
        layer2 = try stage(1, stride: 2)
        layer3 = try stage(2, stride: 2)
        layer4 = try stage(3, stride: lastStride)
        func attention(_ blocks: [ResidualBlock], _ count: Int) throws(TorchError) -> [NonLocalBlock] {
            var made: [NonLocalBlock] = []
            for block in blocks.suffix(count) {
                guard let inner = nonLocal.inner(of: block.channels) else { break }
                made.append(try NonLocalBlock(block.channels, inner: inner, in: context))
            }
            return made
        }
        _attention2 = Child(try attention(layer2, 2), key: "NL_2")
        _attention3 = Child(try attention(layer3, layer3.count / 2), key: "NL_3")
        super.init(channels: channels, stride: 16 * lastStride, classifierPrefixes: ["fc.", "classifier."])
        try initialiseConvolutions(in: context)
    }

    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try requireImages(x)
        var x = try stem(x).relu_().maxPool2d(kernel: 3, stride: 2, padding: 1)
        for block in layer1 { x = try block(x) }
        for (blocks, attention) in [(layer2, attention2), (layer3, attention3)] {
            for (index, block) in blocks.enumerated() {
                x = try block(x)
                let place = index - (blocks.count - attention.count)
                if place >= 0 { x = try attention[place](x) }
            }
        }
        for block in layer4 { x = try block(x) }
        return x
    }

    /// ImageNet checkpoints know no attention: it keeps its first values.
    public override func loadPretrained(
        _ state: [String: Tensor], source: String = "state dict", prefix: String = ""
    ) throws(TorchError) {
        var state = state
        if !state.keys.contains(where: { $0.hasPrefix(prefix + "NL_") }) {
            for (key, tensor) in stateDict() where key.hasPrefix("NL_") { state[prefix + key] = tensor }
        }
        try super.loadPretrained(state, source: source, prefix: prefix)
    }
}
