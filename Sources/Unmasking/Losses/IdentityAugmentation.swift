import Torch

/// Random views of a face for a recogniser that judges it during training.
///
/// A generator that is told what one fixed view of one recogniser likes learns a pattern that no person would call a likeness:
/// with a weight of 0.25 and a fixed view, the mouth became the same smear in every face. A pattern that has to work at random
/// positions, sizes, sharpness and contrast, under noise, has to be a feature of a face (the expectation over transformations,
/// Athalye et al. 2018, here as a defence).
public struct IdentityAugmentation: Codable, Sendable, Equatable {
    /// Largest shift either way, as a share of the recogniser's input.
    public var shift = 0.06
    /// Largest change of size, as a factor either way.
    public var zoom = 0.1
    /// Largest turn in radians.
    public var turn = 0.12
    /// Probability of a mirror image.
    public var flip = 0.5
    /// The picture is shrunk to a share of its size between this and 1, and enlarged again; 1 leaves it sharp.
    public var sharpness = 0.4
    /// Standard deviation of the noise, at most, in the picture's units (-1 to 1).
    public var noise = 0.08
    /// Largest change of contrast, as a factor either way, and of brightness.
    public var light = 0.2

    public init() {}

    /// One random view of each face of a batch.
    /// - Parameters:
    ///   - face: [batch, channels, height, width] in [-1, 1].
    ///   - crop: from the face to the recogniser's input.
    /// - Returns: [batch, channels, crop.height, crop.width].
    public func callAsFunction(_ face: Tensor, crop: AlignedCrop, generator: Generator) throws(TorchError)
        -> Tensor
    {
        let count = face.size(0)
        var x = try crop(face, moved: motion(count, like: face, generator: generator))
        let sharp = try sharpness + (1 - sharpness) * Tensor.rand([1], generator: generator).item()
        if sharp < 1 {
            let small = [max(8, Int(Double(crop.height) * sharp)), max(8, Int(Double(crop.width) * sharp))]
            x = try x.interpolate(size: small, mode: .area)
                .interpolate(size: [crop.height, crop.width], mode: .bilinear)
        }
        func uniform(_ reach: Double) throws(TorchError) -> Tensor {
            try (Tensor.rand([count, 1, 1, 1], generator: generator) * (2 * reach) - reach).to(dtype: x.dtype)
        }
        if light > 0 { x = try x * (uniform(light) + 1) + uniform(light) }
        if noise > 0 {
            let level = try Tensor.rand([count, 1, 1, 1], generator: generator) * noise
            x = try x + (Tensor.randn(x.shape, generator: generator) * level).to(dtype: x.dtype)
        }
        return x
    }

    /// Random similarities in coordinates of the recogniser's input, -1 to 1: [batch, 2, 3].
    private func motion(_ count: Int, like face: Tensor, generator: Generator) throws(TorchError) -> Tensor {
        func uniform(_ reach: Double) throws(TorchError) -> Tensor {
            try Tensor.rand([count], generator: generator) * (2 * reach) - reach
        }
        let (angle, size) = (try uniform(turn), try uniform(zoom).exp())
        let mirror = try Tensor.rand([count], generator: generator).lt(flip).to(dtype: .float32) * -2 + 1
        let (c, s) = (try angle.cos() * size, try angle.sin() * size)
        let rows = try [c * mirror, -s, uniform(2 * shift), s * mirror, c, uniform(2 * shift)]
        return try Tensor.stack(rows, dim: 1).reshape([count, 2, 3]).to(dtype: face.dtype)
    }
}
