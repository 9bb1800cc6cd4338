import Faces
import NN
import Torch

/// The network that pSp and e4e share: IR-SE50 trunk, feature pyramid over its last three stages, one `GradualStyleBlock` per
/// style. They differ in how the outputs of the blocks become codes: see `GradualStyleEncoder` and `Encoder4Editing`.
///
/// Checkpoint keys: `input_layer`, `body.N`, `styles.N`, `latlayer1`, `latlayer2`.
open class StylePyramid: IRTrunk, UnmaskingEncoder {
    public let configuration: StylePyramidConfiguration
    public let styles: [GradualStyleBlock]
    @Child public var lateral1: Conv2d
    @Child public var lateral2: Conv2d
    /// The code that outputs are added to, [1, styleCount, styleDimension]. Checkpoints keep it beside the encoder
    /// (`latent_avg`), so it is not part of this state dict.
    public private(set) var meanLatent: Tensor

    public var inputSize: Int { configuration.inputSize }
    public var inputChannels: Int { configuration.trunk.inputChannels }
    public var styleCount: Int { configuration.styleCount }
    public var styleDimension: Int { configuration.styleDimension }

    /// The mean latent starts at zero: see `setMeanLatent`.
    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ configuration: StylePyramidConfiguration, in context: Context) throws {
        try configuration.validate()
        self.configuration = configuration
        let channels = configuration.trunk.stageChannels
        styles = try (0..<configuration.styleCount).map { index in
            try GradualStyleBlock(
                channels[3], dimension: configuration.styleDimension,
                size: (configuration.inputSize / 16) << configuration.level(ofStyle: index), in: context)
        }
        _lateral1 = Child(try Conv2d(channels[2], channels[3], kernel: 1, in: context), key: "latlayer1")
        _lateral2 = Child(try Conv2d(channels[1], channels[3], kernel: 1, in: context), key: "latlayer2")
        meanLatent = try .zeros(
            [1, configuration.styleCount, configuration.styleDimension], in: context)
        try super.init(trunk: configuration.trunk, in: context)
    }

    /// - Parameter mean: [styleDimension] or [1, styleDimension] for one code for all styles, [styleCount, styleDimension]
    ///   or [1, styleCount, styleDimension] for one per style.
    public func setMeanLatent(_ mean: Tensor) throws(TorchError) {
        guard mean.count == styleDimension || mean.count == styleCount * styleDimension,
            mean.shape.last == styleDimension
        else {
            throw .invalidArgument(
                "mean latent \(mean.shape): expected [\(styleDimension)] or [\(styleCount), \(styleDimension)]"
            )
        }
        let rows = try mean.detach().reshape([1, -1, styleDimension])
        meanLatent = try rows.expand([1, styleCount, styleDimension]).contiguous().to(
            device: meanLatent.device)
    }

    public func encode(_ image: Tensor, activeDeltas: Int?, previous: Tensor?) throws(TorchError)
        -> EncodedFace
    {
        let active = min(max(activeDeltas ?? styleCount - 1, 0), styleCount - 1)
        let rows = try assemble(offsets(of: image, count: active + 1))
        return EncodedFace(latents: try (previous ?? meanLatent) + rows)
    }

    /// Differences from the mean latent of all styles, out of what the blocks of the first styles say.
    /// - Parameter offsets: [batch, 1 to styleCount, styleDimension].
    /// - Returns: [batch, styleCount, styleDimension].
    open func assemble(_ offsets: Tensor) throws(TorchError) -> Tensor {
        throw .invalidArgument("\(type(of: self)) does not say how its outputs become codes")
    }

    /// W+ codes of an image; see `encode`.
    public override func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor {
        try encode(image).latents
    }

    /// What the blocks of the first `count` styles say, [batch, count, styleDimension].
    /// - Parameter image: [batch, inputChannels, inputSize, inputSize] in [-1, 1].
    public func offsets(of image: Tensor, count: Int) throws(TorchError) -> Tensor {
        guard image.rank == 4, image.shape.suffix(3) == [inputChannels, inputSize, inputSize] else {
            throw .invalidArgument(
                "encoder input \(image.shape): expected [batch, \(inputChannels), \(inputSize), \(inputSize)]"
            )
        }
        let maps = try stages(of: image)
        var levels = [maps[3]]
        let last = configuration.level(ofStyle: count - 1)
        if last >= 1 { levels.append(try sum(maps[3], lateral1(maps[2]))) }
        if last >= 2 { levels.append(try sum(levels[1], lateral2(maps[1]))) }
        var rows: [Tensor] = []
        for index in 0..<count {
            rows.append(try styles[index](levels[configuration.level(ofStyle: index)]))
        }
        return try .stack(rows, dim: 1)
    }

    /// Corners of the coarse map lie on corners of the fine one, as the published encoders were trained.
    private func sum(_ coarse: Tensor, _ fine: Tensor) throws(TorchError) -> Tensor {
        try coarse.interpolate(size: Array(fine.shape.suffix(2)), alignCorners: true) + fine
    }
}
