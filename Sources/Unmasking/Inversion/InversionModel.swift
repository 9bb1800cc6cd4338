import Foundation
import NN
import Torch

/// A pSp or e4e network in full: encoder, StyleGAN2 generator and mean latent.
///
/// Checkpoint keys are the published ones: `encoder.…`, `decoder.…`, `latent_avg`; the file's metadata holds the configuration.
public final class InversionModel: Module {
    public static let format = "semblance-inversion-1"

    public let configuration: InversionConfiguration
    @Child public var encoder: StylePyramid
    @Child public var generator: StyleGAN2Generator
    /// [styleCount, styleDimension].
    @Buffer public var meanLatent: Tensor

    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ configuration: InversionConfiguration, in context: Context) throws {
        try configuration.validate()
        self.configuration = configuration
        let encoder: StylePyramid
        switch configuration.method {
        case .psp: encoder = try GradualStyleEncoder(configuration.encoder, in: context)
        case .e4e: encoder = try Encoder4Editing(configuration.encoder, in: context)
        }
        _encoder = Child(encoder, key: "encoder")
        _generator = Child(try StyleGAN2Generator(configuration.generator, in: context), key: "decoder")
        _meanLatent = Buffer(
            try .zeros(
                [configuration.generator.styleCount, configuration.generator.styleDimension], in: context),
            key: "latent_avg")
        super.init()
    }

    /// Hands the mean latent to the encoder: call it when values were loaded.
    public func adoptMeanLatent() throws(TorchError) {
        try encoder.setMeanLatent(configuration.startsFromMean ? meanLatent : meanLatent.zerosLike())
    }

    /// Faces as the generator draws them from their codes, [batch, 3, size, size] in about [-1, 1].
    /// - Parameter faces: RGB in [-1, 1], [batch, inputChannels, inputSize, inputSize].
    public func reconstruct(_ faces: Tensor, noise: NoiseInput = .constant) throws(TorchError) -> Tensor {
        try generator.synthesize(encoder.encode(faces).latents, noise: noise)
    }

    // MARK: Files

    /// Writes the network with its configuration inside, atomically.
    /// - Parameter dtype: `.float16` halves the file.
    public func write(to path: String, dtype: ScalarType = .float32, metadata: [String: String] = [:]) throws
    {
        try ModelFile.write(
            self, format: Self.format, configuration: configuration, to: path, dtype: dtype,
            metadata: metadata)
    }

    /// Reads a file written by `write(to:)`; the network is frozen and in evaluation mode.
    /// - Throws: `UnmaskingError.model` for another kind of file, `TorchError` for one that is damaged.
    public static func read(_ path: String, device: Device = .cpu) throws -> InversionModel {
        let configuration: InversionConfiguration = try ModelFile.configuration(
            path, format: format, what: "a pSp or e4e network",
            remedy: "make one with 'semblance import FILE --as psp' or '--as e4e'",
            failure: { UnmaskingError.model(path: path, reason: $0) })
        let model = try InversionModel(configuration, in: Context(device: device, seed: 0))
        try model.load(contentsOf: path)
        try model.adoptMeanLatent()
        try model.evaluate().requiresGrad_(false)
        return model
    }
}
