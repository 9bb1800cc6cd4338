import Foundation
import Torch

/// Codes of faces in a file: safetensors with `latents` [count, styleCount, styleDimension] and, for encoders that have
/// them, `features.R` [count, channels, R, R]; or any file of one tensor, `.npy` or safetensors.
public enum LatentFile {
    public static let format = "semblance-latents-1"

    /// Writes codes and features, atomically.
    public static func write(_ face: EncodedFace, to path: String, metadata: [String: String] = [:])
        throws(TorchError)
    {
        var tensors = ["latents": try face.latents.detach().contiguous()]
        for (resolution, offset) in face.featureOffsets {
            tensors["features.\(resolution)"] = try offset.detach().contiguous()
        }
        var metadata = metadata
        metadata["format"] = format
        try SafeTensors.write(tensors, to: path, metadata: metadata)
    }

    /// Reads codes for a generator.
    /// - Parameters:
    ///   - path: W codes [count, styleDimension], or W+ codes [styleCount, styleDimension] or [count, styleCount,
    ///     styleDimension]; where the first two have the same shape, W+ is meant.
    /// - Throws: `UnmaskingError.model` naming what does not fit, or `TorchError` for a damaged file.
    public static func read(_ path: String, for generator: GeneratorConfiguration, device: Device = .cpu)
        throws
        -> EncodedFace
    {
        var tensors: [String: Tensor]
        if path.lowercased().hasSuffix(".npy") {
            tensors = ["latents": try NPY.read(path, device: device)]
        } else {
            tensors = try SafeTensors.read(path, device: device)
            if tensors["latents"] == nil, tensors.count == 1, let only = tensors.first {
                tensors = ["latents": only.value]
            }
        }
        guard let stored = tensors.removeValue(forKey: "latents") else {
            throw UnmaskingError.model(
                path: path,
                reason:
                    "no codes: expected a tensor 'latents', or one tensor alone, found \(tensors.keys.sorted().prefix(6).joined(separator: ", "))"
            )
        }
        let (count, dimension) = (generator.styleCount, generator.styleDimension)
        var latents = try stored.to(dtype: .float32)
        switch latents.shape {
        case [count, dimension]: latents = try latents.unsqueeze(0)
        case let shape where shape.count == 2 && shape[1] == dimension && shape[0] > 0:
            latents = try latents.unsqueeze(1).expand([-1, count, -1]).contiguous()
        case let shape where shape.count == 3 && shape[0] > 0 && Array(shape[1...]) == [count, dimension]:
            break
        case let shape:
            throw UnmaskingError.model(
                path: path,
                reason:
                    "codes of shape \(shape): this generator of \(generator.size) px takes [n, \(dimension)] (W) or [n, \(count), \(dimension)] (W+)"
            )
        }
        guard try latents.allFinite() else {
            throw UnmaskingError.model(path: path, reason: "codes hold NaN or infinity")
        }
        var face = EncodedFace(latents: latents)
        for (key, tensor) in tensors {
            let parts = key.split(separator: ".")
            guard parts.count == 2, parts[0] == "features", let resolution = Int(parts[1]),
                let channels = generator.channels[resolution],
                tensor.shape == [latents.size(0), channels, resolution, resolution]
            else {
                throw UnmaskingError.model(
                    path: path,
                    reason:
                        "tensor '\(key)' \(tensor.shape) means nothing to this generator: expected features.R [\(latents.size(0)), channels, R, R] with channels \(generator.channels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))"
                )
            }
            face.featureOffsets[resolution] = try tensor.to(dtype: .float32)
        }
        return face
    }
}
