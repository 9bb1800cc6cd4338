import NN
import Torch

/// The StyleGAN2 generator with skip outputs (Karras et al. 2020): z -> w (mapping), w -> image (synthesis).
///
/// Checkpoint keys follow the layout that PyTorch checkpoints share: `style.N`, `input.input`, `conv1`, `to_rgb1`,
/// `convs.N`, `to_rgbs.N`, `noises.noise_N`. Images are [batch, 3, size, size], nominally in [-1, 1], not clamped.
public final class StyleGAN2Generator: Module {
    public let configuration: GeneratorConfiguration
    /// The mapping network: pixel norm, then fully connected layers.
    public let style: Sequential
    /// The learned constant, [1, channels, 4, 4].
    @Parameter public var input: Tensor
    public let conv1: StyledConv
    @Child public var toRGB1: ToRGB
    /// Two per resolution above 4: the first doubles the size.
    public let convs: [StyledConv]
    @Child public var toRGBs: [ToRGB]
    private let noises: [Buffer]

    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ configuration: GeneratorConfiguration, in context: Context) throws {
        try configuration.validate()
        self.configuration = configuration
        let dimension = configuration.styleDimension
        let filter = configuration.filter
        let resolutions = configuration.resolutions
        let channels = resolutions.map { configuration.channels[$0] ?? 0 }

        var mapping: [Module] = [PixelNorm()]
        for _ in 0..<configuration.mappingDepth {
            mapping.append(
                try EqualizedLinear(
                    dimension, dimension,
                    learningRateMultiplier: configuration.mappingLearningRateMultiplier, activated: true,
                    in: context))
        }
        style = Sequential(mapping)
        _input = try Parameter(
            Initialiser.normal(std: 1).make([1, channels[0], 4, 4], in: context), key: "input.input")
        conv1 = try StyledConv(channels[0], channels[0], styleDimension: dimension, in: context)
        _toRGB1 = Child(
            try ToRGB(channels[0], styleDimension: dimension, upsampling: nil, in: context), key: "to_rgb1")
        var convs: [StyledConv] = []
        var toRGBs: [ToRGB] = []
        for (before, after) in zip(channels, channels.dropFirst()) {
            convs.append(
                try StyledConv(before, after, styleDimension: dimension, upsampling: filter, in: context))
            convs.append(try StyledConv(after, after, styleDimension: dimension, in: context))
            toRGBs.append(try ToRGB(after, styleDimension: dimension, upsampling: filter, in: context))
        }
        self.convs = convs
        _toRGBs = Child(toRGBs, key: "to_rgbs")
        noises = try (0..<configuration.noiseCount).map { index in
            let size = resolutions[(index + 1) / 2]
            return Buffer(
                try Initialiser.normal(std: 1).make([1, 1, size, size], in: context),
                key: "noises.noise_\(index)")
        }
        super.init()
    }

    /// z codes [batch, styleDimension] -> images, with the stored noise and without truncation.
    public override func callAsFunction(_ z: Tensor) throws(TorchError) -> Tensor {
        try synthesize(mapping(z))
    }

    /// The stored noise fields, [1, 1, height, width] each, lowest resolution first.
    public var noiseFields: [Tensor] { noises.map(\.wrappedValue) }

    /// Whether any layer gives its noise a strength other than zero; generators that were trained without noise do not.
    public var usesNoise: Bool {
        get throws(TorchError) {
            for layer in [conv1] + convs where try layer.noise.weight.item() != 0 { return true }
            return false
        }
    }
}
