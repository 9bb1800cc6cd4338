import Faces
import Imaging
import NN
import Perceptual
import Torch

/// A generator and, where the file has one, the encoder that speaks to it: one face on the files of `semblance import`,
/// `train generator` and `train unmasker`.
public struct LatentModel {
    public enum Kind: String, Codable, Sendable {
        /// A StyleGAN2 generator alone.
        case stylegan2
        case psp
        case e4e
        /// Our own: the encoder was trained on masked faces, and carries the pose in features beside the codes.
        case unmasking
    }

    public let path: String
    public let kind: Kind
    public let generator: StyleGAN2Generator
    public let encoder: (any UnmaskingEncoder)?
    /// [1, styleDimension] or [1, styleCount, styleDimension].
    public let meanLatent: Tensor
    /// The crop that the encoder was trained on; nil without an encoder.
    public let alignment: (any FaceAlignment)?
    /// Noise that reconstructions are drawn with: our own models are trained without.
    public let noise: NoiseInput
    /// Whether random z codes give faces. Our unmasking models never train the mapping network.
    public let hasMapping: Bool

    /// Height and width of the images.
    public var size: Int { generator.configuration.size }

    /// Reads any of the three kinds of files; networks are frozen and in evaluation mode.
    /// - Throws: `UnmaskingError.model` for other files, `TorchError` for damaged ones.
    public static func read(_ path: String, device: Device = .cpu) throws -> LatentModel {
        switch try SafeTensors.metadata(path)["format"] {
        case GeneratorModel.format:
            let model = try GeneratorModel.read(path, device: device)
            return LatentModel(
                path: path, kind: .stylegan2, generator: model.generator, encoder: nil,
                meanLatent: try model.meanLatent.unsqueeze(0), alignment: nil, noise: .constant,
                hasMapping: true)
        case InversionModel.format:
            let model = try InversionModel.read(path, device: device)
            return LatentModel(
                path: path, kind: model.configuration.method == .psp ? .psp : .e4e,
                generator: model.generator, encoder: model.encoder,
                meanLatent: try model.meanLatent.unsqueeze(0),
                alignment: FFHQAlignment(size: model.encoder.inputSize), noise: .constant, hasMapping: true)
        case UnmaskingModel.format:
            let model = try UnmaskingModel.read(path, device: device)
            return LatentModel(
                path: path, kind: .unmasking, generator: model.generator, encoder: model.encoder,
                meanLatent: model.encoder.meanLatent,
                alignment: model.size == 128
                    ? AlignmentTemplate.face128 : AlignmentTemplate.face128.scaled(to: model.size),
                noise: .none, hasMapping: false)
        case let other:
            throw UnmaskingError.model(
                path: path,
                reason:
                    "not a model with a generator (format \(other ?? "absent"), expected \(GeneratorModel.format), \(InversionModel.format) or \(UnmaskingModel.format)); make one with 'semblance import' or 'semblance train'"
            )
        }
    }

    /// The centre of truncation, [1, styleDimension].
    ///
    /// pSp's and e4e's files keep a mean for every style, which are the same unless somebody tuned them.
    public func truncationCentre() throws(TorchError) -> Tensor {
        meanLatent.rank == 3 ? try meanLatent.mean([1]) : meanLatent
    }

    /// Draws codes, [batch, 3, size, size] in about [-1, 1].
    public func draw(_ face: EncodedFace) throws(TorchError) -> Tensor {
        try generator.synthesize(face.latents, noise: noise, featureOffsets: face.featureOffsets)
    }

    /// What `LatentRefinement` works with.
    public func refinementNetworks(lpips: LPIPS? = nil) -> LatentRefinement.Networks {
        .init(generator: generator, encoder: encoder, meanLatent: meanLatent, lpips: lpips)
    }
}
