import NN
import Torch

/// An unmasking encoder and the generator it speaks to: a masked face in, the face without the mask and the mask's alpha out.
///
/// Checkpoint keys: `encoder.…` and `generator.…`; the file's metadata holds the configuration.
public final class UnmaskingModel: Module {
    public static let format = "semblance-unmasking-1"

    public let configuration: UnmaskingModelConfiguration
    public let encoder: PyramidEncoder
    public let generator: StyleGAN2Generator

    /// Side of the faces in pixels.
    public var size: Int { configuration.generator.size }

    public init(_ configuration: UnmaskingModelConfiguration, in context: Context) throws {
        guard configuration.encoder.inputSize == configuration.generator.size,
            configuration.encoder.styleCount == configuration.generator.styleCount,
            configuration.encoder.styleDimension == configuration.generator.styleDimension
        else {
            throw UnmaskingError.configuration(
                "encoder (\(configuration.encoder.inputSize) px, \(configuration.encoder.styleCount) styles of \(configuration.encoder.styleDimension)) and generator (\(configuration.generator.size) px, \(configuration.generator.styleCount) styles of \(configuration.generator.styleDimension)) do not fit together"
            )
        }
        self.configuration = configuration
        encoder = try PyramidEncoder(configuration.encoder, in: context)
        generator = try StyleGAN2Generator(configuration.generator, in: context)
        super.init()
    }

    /// What the model makes of a batch of faces.
    public struct Recovery {
        /// Whole faces as the generator draws them, [batch, 3, size, size] in about [-1, 1].
        public var image: Tensor
        /// The mask's alpha, [batch, 1, size, size] in 0…1.
        public var alpha: Tensor
        public var encoded: EncodedFace
    }

    /// - Parameter faces: aligned faces, RGB in [-1, 1], [batch, 3, size, size].
    public func recover(_ faces: Tensor, noise: NoiseInput = .none) throws(TorchError) -> Recovery {
        let encoded = try encoder.encode(faces)
        let image = try generator.synthesize(
            encoded.latents, noise: noise, featureOffsets: encoded.featureOffsets)
        if let alpha = try encoded.maskAlpha(size: size) {
            return Recovery(image: image, alpha: alpha, encoded: encoded)
        }
        let none = try Tensor.zeros([faces.size(0), 1, size, size], device: faces.device)
        return Recovery(image: image, alpha: none, encoded: encoded)
    }

    // MARK: Files

    /// Writes the networks as fp16 safetensors with the configuration inside, atomically.
    public func write(to path: String, metadata: [String: String] = [:]) throws {
        try ModelFile.write(
            self, format: Self.format, configuration: configuration, to: path, dtype: .float16,
            metadata: metadata)
    }

    /// Reads a file written by `write(to:)`; the network is frozen and in evaluation mode.
    /// - Throws: `UnmaskingError.model` for another kind of file, `TorchError` for one that is damaged.
    public static func read(_ path: String, device: Device = .cpu) throws -> UnmaskingModel {
        let configuration: UnmaskingModelConfiguration = try ModelFile.configuration(
            path, format: format, what: "an unmasking model",
            remedy: "train one with 'semblance train unmasker' or leave --model out",
            failure: { UnmaskingError.model(path: path, reason: $0) })
        let model = try UnmaskingModel(configuration, in: Context(device: device, seed: 0))
        try model.load(contentsOf: path)
        try model.requiresGrad_(false)
        model.evaluate()
        return model
    }
}
