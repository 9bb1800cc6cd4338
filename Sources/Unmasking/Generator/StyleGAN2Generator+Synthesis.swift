import NN
import Torch

extension StyleGAN2Generator {
    /// w or W+ codes -> image.
    ///
    /// - Parameters:
    ///   - w: [batch, styleDimension] or [batch, styleCount, styleDimension].
    ///   - noise: per-pixel noise of every layer.
    ///   - maximumSize: stop at this resolution and return its picture (progressive training); nil goes to the full size.
    ///   - featureOffsets: by resolution, [batch, channels, resolution, resolution], added to the features behind the
    ///     last convolution of that resolution. Carries what W+ codes cannot: where things are (compare the F/W+ space
    ///     of Kang et al. 2021).
    /// - Returns: [batch, 3, s, s], s = `maximumSize` or the full size.
    public func synthesize(
        _ w: Tensor, noise: NoiseInput = .constant, maximumSize: Int? = nil,
        featureOffsets: [Int: Tensor] = [:]
    ) throws(TorchError) -> Tensor {
        let resolutions = configuration.resolutions
        let size = maximumSize ?? configuration.size
        guard let levels = resolutions.firstIndex(of: size) else {
            throw .invalidArgument("synthesis up to \(size) px: expected one of \(resolutions)")
        }
        let latents = try latents(w)
        let styles = try (0..<2 * (levels + 1)).map { (index) throws(TorchError) in
            try latents.select(1, index)
        }
        let batch = latents.size(0)

        func features(_ x: Tensor, at resolution: Int) throws(TorchError) -> Tensor {
            guard let offset = featureOffsets[resolution] else { return x }
            guard offset.shape == x.shape else {
                throw .invalidArgument(
                    "feature offset \(offset.shape) at \(resolution) px: expected \(x.shape)")
            }
            return try x + offset
        }

        // Channels-last memory runs depthwise filters and convolutions two to three times faster on CPUs.
        var x = try input.expand([batch, -1, -1, -1]).channelsLast()
        x = try features(conv1(x, style: styles[0], noise: field(0, noise, batch)), at: 4)
        var image = try toRGB1(x, style: styles[1], skip: nil)
        for level in 0..<levels {
            let (up, flat) = (2 * level, 2 * level + 1)
            x = try convs[up](x, style: styles[up + 1], noise: field(up + 1, noise, batch))
            x = try convs[flat](x, style: styles[flat + 1], noise: field(flat + 1, noise, batch))
            x = try features(x, at: resolutions[level + 1])
            image = try toRGBs[level](x, style: styles[flat + 2], skip: image)
        }
        return image
    }

    /// z codes -> images, through mapping and truncation.
    ///
    /// - Parameters:
    ///   - z: [batch, styleDimension].
    ///   - truncation: psi and the mean latent [1, styleDimension]; nil for none.
    public func generate(
        _ z: Tensor, truncation: (psi: Double, mean: Tensor)? = nil, noise: NoiseInput = .constant,
        maximumSize: Int? = nil
    ) throws(TorchError) -> Tensor {
        var w = try mapping(z)
        if let truncation { w = try Self.truncate(w, psi: truncation.psi, mean: truncation.mean) }
        return try synthesize(w, noise: noise, maximumSize: maximumSize)
    }

    private func field(_ layer: Int, _ noise: NoiseInput, _ batch: Int) throws(TorchError) -> Tensor? {
        let size = configuration.resolutions[(layer + 1) / 2]
        switch noise {
        case .none: return nil
        case .constant: return noiseFields[layer]
        case .random(let generator):
            return try Tensor.randn([batch, 1, size, size], generator: generator, dtype: input.dtype)
        case .given(let fields):
            guard layer < fields.count else {
                throw .invalidArgument(
                    "\(fields.count) noise fields: expected \(configuration.noiseCount), one per noise layer")
            }
            let field = fields[layer]
            guard field.rank == 4, field.shape.suffix(3) == [1, size, size],
                [1, batch].contains(field.size(0))
            else {
                throw .invalidArgument(
                    "noise field \(layer) \(field.shape): expected [1 or \(batch), 1, \(size), \(size)]")
            }
            return field
        }
    }
}
