import NN
import Torch

/// A StyleGAN2 generator as a file: with its mean latent, and with the discriminator where further training wants it.
///
/// Checkpoint keys: `generator.…`, `discriminator.…`, `latent_avg`; the file's metadata holds the configuration.
public final class GeneratorModel: Module {
    public static let format = "semblance-generator-1"

    public struct Configuration: Codable, Sendable, Equatable {
        public var generator: GeneratorConfiguration
        public var discriminator: DiscriminatorConfiguration?

        public init(generator: GeneratorConfiguration, discriminator: DiscriminatorConfiguration? = nil) {
            self.generator = generator
            self.discriminator = discriminator
        }
    }

    public let configuration: Configuration
    public let generator: StyleGAN2Generator
    public let discriminator: StyleGAN2Discriminator?
    /// The mean w code, [styleDimension]: the centre of truncation.
    @Buffer public var meanLatent: Tensor

    /// - Throws: `UnmaskingError.configuration` or `TorchError`.
    public init(_ configuration: Configuration, in context: Context) throws {
        self.configuration = configuration
        generator = try StyleGAN2Generator(configuration.generator, in: context)
        discriminator = try configuration.discriminator.map {
            try StyleGAN2Discriminator($0, in: context)
        }
        _meanLatent = Buffer(
            try .zeros([configuration.generator.styleDimension], in: context), key: "latent_avg")
        super.init()
    }

    /// Sets the mean latent from random z codes: for checkpoints that have none.
    public func measureMeanLatent(samples: Int = 4096, seed: UInt64 = 0) throws(TorchError) {
        let mean = try generator.meanLatent(
            samples: samples, generator: Generator(seed: seed, device: meanLatent.device))
        try noGrad { () throws(TorchError) in _ = try meanLatent.copy_(mean.reshape(meanLatent.shape)) }
    }

    /// Writes the networks with their configuration inside, atomically.
    /// - Parameter dtype: `.float16` halves the file.
    public func write(to path: String, dtype: ScalarType = .float32, metadata: [String: String] = [:]) throws
    {
        try ModelFile.write(
            self, format: Self.format, configuration: configuration, to: path, dtype: dtype,
            metadata: metadata)
    }

    /// Reads a file written by `write(to:)`; the networks are frozen and in evaluation mode.
    /// - Throws: `UnmaskingError.model` for another kind of file, `TorchError` for one that is damaged.
    public static func read(_ path: String, device: Device = .cpu) throws -> GeneratorModel {
        let configuration: Configuration = try ModelFile.configuration(
            path, format: format, what: "a generator",
            remedy: "make one with 'semblance import FILE --as stylegan2' or 'semblance train generator'",
            failure: { UnmaskingError.model(path: path, reason: $0) })
        let model = try GeneratorModel(configuration, in: Context(device: device, seed: 0))
        try model.load(contentsOf: path)
        try model.evaluate().requiresGrad_(false)
        return model
    }
}
