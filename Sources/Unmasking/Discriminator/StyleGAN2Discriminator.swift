import NN
import Torch

/// The residual StyleGAN2 discriminator (Karras et al. 2020): image -> realness logit.
///
/// Checkpoint keys follow the shared PyTorch layout: `convs.0` from colours, `convs.N` residual blocks, `final_conv`,
/// `final_linear`.
public final class StyleGAN2Discriminator: Module {
    public let configuration: DiscriminatorConfiguration
    /// The input layer, then one residual block per halving.
    public let convs: [Module]
    /// Input layers of the lower resolutions, from half the size down to 4; empty without `progressiveInputs`.
    private let lowerInputs: [Child<Sequential>]
    private let deviation: MinibatchDeviation
    @Child public var finalConv: Sequential
    @Child public var finalLinear: Sequential

    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ configuration: DiscriminatorConfiguration, in context: Context) throws {
        try configuration.validate()
        self.configuration = configuration
        let sizes = Array(configuration.resolutions.reversed())
        let channels = sizes.map { configuration.channels[$0] ?? 0 }
        let colours = configuration.inputChannels

        var convs: [Module] = [try ConvLayer.keeping(colours, channels[0], kernel: 1, in: context)]
        for (before, after) in zip(channels, channels.dropFirst()) {
            convs.append(try ResidualDownBlock(before, after, filter: configuration.filter, in: context))
        }
        self.convs = convs
        lowerInputs =
            configuration.progressiveInputs
            ? try zip(sizes, channels).dropFirst().map { size, width in
                Child(try ConvLayer.keeping(colours, width, kernel: 1, in: context), key: "from_rgbs.\(size)")
            } : []
        deviation = MinibatchDeviation(group: configuration.deviationGroup)
        let last = channels[channels.count - 1]
        _finalConv = Child(try ConvLayer.keeping(last + 1, last, kernel: 3, in: context), key: "final_conv")
        _finalLinear = Child(
            Sequential([
                try EqualizedLinear(last * 16, last, activated: true, in: context),
                try EqualizedLinear(last, 1, in: context),
            ]), key: "final_linear")
        super.init()
    }

    /// - Parameter image: [batch, inputChannels, s, s]; s is the full size, or a lower power of two from 4 on when the
    ///   network has `progressiveInputs`.
    /// - Returns: logits [batch, 1]; positive means real.
    public override func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
        let sizes = Array(configuration.resolutions.reversed())
        let accepted = configuration.progressiveInputs ? sizes : [configuration.size]
        guard image.rank == 4, image.size(1) == configuration.inputChannels, image.size(2) == image.size(3),
            let level = accepted.firstIndex(of: image.size(2))
        else {
            throw .invalidArgument(
                "discriminator input \(image.shape): expected [batch, \(configuration.inputChannels), s, s] with s in \(accepted)"
            )
        }
        let first = level == 0 ? convs[0] : lowerInputs[level - 1].wrappedValue
        var x = try first(image.channelsLast())
        for block in convs.dropFirst(level + 1) { x = try block(x) }
        x = try finalConv(deviation(x))
        return try finalLinear(x.flatten(from: 1))
    }
}
