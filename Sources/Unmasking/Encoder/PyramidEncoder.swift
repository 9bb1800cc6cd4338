import NN
import Torch

/// The unmasking encoder: a residual trunk, a three-level feature pyramid (as pSp and e4e), one head per style, and a
/// head that finds the mask.
///
/// Codes are the mean latent + w0 + deltas. Plain dense convolutions of moderate width: on CPUs they are faster than
/// depthwise ones of the same quality.
public final class PyramidEncoder: Module, UnmaskingEncoder {
    public let configuration: EncoderConfiguration
    public let stem: Conv2d
    @Child public var stemNorm: Module
    /// Residual blocks by stage.
    public let stages: [Sequential]
    /// 1x1 convolutions of the last three stages, coarse to fine.
    public let laterals: [Conv2d]
    /// 3x3 convolutions of the middle and the fine sum.
    public let smooth: [Conv2d]
    /// One per pyramid level that has styles, coarse to fine.
    public let heads: [StyleHead]
    public let mask: MaskDecoder?
    @Child public var offsetHeads: [Conv2d]
    private let offsetResolutions: [Int]
    @Buffer public var meanLatent: Tensor

    public var inputSize: Int { configuration.inputSize }
    public var inputChannels: Int { configuration.inputChannels }
    public var styleCount: Int { configuration.styleCount }
    public var styleDimension: Int { configuration.styleDimension }

    /// The mean latent starts at zero: set it with `setMeanLatent` from the generator.
    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ configuration: EncoderConfiguration, in context: Context) throws {
        try configuration.validate()
        self.configuration = configuration
        let channels = configuration.stageChannels
        let normalization = configuration.normalization
        stem = try Conv2d(
            configuration.inputChannels, channels[0], kernel: configuration.stemStride == 2 ? 5 : 3,
            stride: configuration.stemStride, padding: configuration.stemStride == 2 ? 2 : 1,
            bias: normalization.needsBias, in: context)
        _stemNorm = Child(try normalization.module(channels[0], in: context), key: "stem_norm")
        var inputs = channels[0]
        var stages: [Sequential] = []
        for (index, (width, count)) in zip(channels, configuration.stageBlocks).enumerated() {
            var blocks: [Module] = []
            for block in 0..<count {
                blocks.append(
                    try ResidualBlock(
                        inputs, width, stride: index > 0 && block == 0 ? 2 : 1, normalization: normalization,
                        squeezesAndExcites: configuration.squeezesAndExcites, in: context))
                inputs = width
            }
            stages.append(Sequential(blocks))
        }
        self.stages = stages

        let pyramid = configuration.pyramidChannels
        laterals = try channels.suffix(3).reversed().map { try Conv2d($0, pyramid, kernel: 1, in: context) }
        smooth = try (0..<2).map { _ in try Conv2d(pyramid, pyramid, kernel: 3, padding: 1, in: context) }
        heads = try configuration.stylesPerLevel.filter { $0 > 0 }.map {
            try StyleHead(
                pyramid, pooledSize: configuration.pooledSize, hidden: configuration.hiddenFeatures,
                styles: $0,
                dimension: configuration.styleDimension, in: context)
        }
        if configuration.maskSize > 0 {
            mask = try MaskDecoder(
                pyramid: pyramid, laterals: Self.maskLaterals(configuration).map(\.channels),
                channels: configuration.maskChannels, normalization: normalization, in: context)
        } else {
            mask = nil
        }
        offsetResolutions = configuration.featureOffsets.keys.sorted()
        _offsetHeads = Child(
            try offsetResolutions.map { resolution in
                let level = configuration.stageSizes.firstIndex(of: resolution) ?? 0
                let fromPyramid = level >= channels.count - 3
                let head = try Conv2d(
                    fromPyramid ? pyramid : channels[level], configuration.featureOffsets[resolution] ?? 0,
                    kernel: 1,
                    in: context)
                // Zero: training starts from what the W+ codes alone draw.
                try noGrad { () throws(TorchError) in
                    try head.weight.zero_()
                    try head.bias?.zero_()
                }
                return head
            }, key: "offsets")
        _meanLatent = Buffer(try .zeros([1, configuration.styleDimension], in: context), key: "latent_avg")
        super.init()
    }

    /// Maps that the mask decoder looks at, coarse to fine: trunk stages finer than the pyramid, then the image.
    private static func maskLaterals(_ configuration: EncoderConfiguration) -> [(size: Int, channels: Int)] {
        let finest = configuration.stageChannels.count - 3
        var maps = zip(configuration.stageSizes, configuration.stageChannels).prefix(finest).reversed()
            .map { (size: $0, channels: $1) }
        if configuration.stemStride == 2 {
            maps.append((configuration.inputSize, configuration.inputChannels))
        }
        return maps.filter { $0.size <= configuration.maskSize }
    }

    /// - Parameter mean: [1, styleDimension] or [styleDimension].
    public func setMeanLatent(_ mean: Tensor) throws(TorchError) {
        guard mean.count == styleDimension else {
            throw .invalidArgument("mean latent \(mean.shape): expected [1, \(styleDimension)]")
        }
        try noGrad { () throws(TorchError) in _ = try meanLatent.copy_(mean.reshape([1, styleDimension])) }
    }

    public func encode(_ image: Tensor, activeDeltas: Int?, previous: Tensor?) throws(TorchError)
        -> EncodedFace
    {
        try checkInput(image)
        let input = try image.channelsLast()
        var x = try stemNorm(stem(input)).leakyReLUInPlace(0.1)
        var maps: [Tensor] = []
        for stage in stages {
            x = try stage(x)
            maps.append(x)
        }

        // Top-down: coarse, middle, fine.
        var levels: [Tensor] = []
        for (index, map) in maps.suffix(3).reversed().enumerated() {
            var level = try laterals[index](map)
            if let coarser = levels.last {
                level = try smooth[index - 1](level + coarser.interpolate(size: Array(level.shape.suffix(2))))
            }
            levels.append(level)
        }
        let usable = zip(levels, configuration.stylesPerLevel).filter { $0.1 > 0 }.map(\.0)
        var offsets: [Tensor] = []
        for (head, level) in zip(heads, usable) { offsets.append(try head(level)) }
        let latents = try compose(Tensor.cat(offsets, dim: 1), activeDeltas: activeDeltas, previous: previous)

        var logits: Tensor?
        if let mask {
            let finer = Self.maskLaterals(configuration).map { lateral in
                configuration.stageSizes.firstIndex(of: lateral.size).map { maps[$0] } ?? input
            }
            logits = try mask(levels[2], features: finer)
        }
        var features: [Int: Tensor] = [:]
        for (head, resolution) in zip(offsetHeads, offsetResolutions) {
            let level = configuration.stageSizes.firstIndex(of: resolution) ?? 0
            let depth = maps.count - 1 - level  // 0 is the coarsest
            features[resolution] = try head(depth < 3 ? levels[depth] : maps[level])
        }
        return EncodedFace(latents: latents, maskLogits: logits, featureOffsets: features)
    }

    /// W+ codes of an image; see `encode`.
    public override func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
        try encode(image).latents
    }
}
