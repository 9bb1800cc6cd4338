/// Puts an aligned crop back into the photo that it was cut from.
public enum PasteBack {
    /// How the crop meets the photo.
    public enum Blending: Sendable, Equatable {
        /// Mixed by alpha as it is: α · crop + (1 - α) · photo.
        case alpha
        /// Mixed by alpha softened inwards over `radius` pixels of the crop; never reaches farther than alpha itself.
        case feathered(radius: Double)
        /// Mixed band by band, coarse bands over wide seams and fine bands over narrow ones (Burt & Adelson 1983), with so many
        /// octaves below the finest; colour differences fade out while texture stays sharp.
        case multiBand(levels: Int)
    }

    /// Blends `crop` over `photo` where `alpha` is above zero; every other pixel of the photo stays exactly as it is.
    ///
    /// Crop and alpha are sampled at the photo's resolution: colours by Catmull-Rom interpolation, alpha bilinearly; both are
    /// halved first when the photo has less than half the crop's resolution, so that nothing aliases. Only the part of the
    /// photo under alpha is visited.
    /// - Parameters:
    ///   - photo: 3 channels, or 4, of which the alpha is kept.
    ///   - crop: [3, h, w], 0…1.
    ///   - alpha: [1, h, w], 0…1; should fall to zero at the crop's border.
    ///   - transform: photo pixels -> crop pixels.
    /// - Throws: `ImagingError.invalidArgument` for channels or sizes that do not fit.
    public static func blend(
        _ crop: FloatImage, alpha: FloatImage, into photo: inout Image, transform: AffineTransform2D,
        blending: Blending = .alpha
    ) throws(ImagingError) {
        guard photo.channels >= 3, crop.channels == 3, alpha.channels == 1, alpha.width == crop.width,
            alpha.height == crop.height
        else {
            throw .invalidArgument(
                "paste back: photo has \(photo.channels) channels, crop [\(crop.channels), \(crop.height), \(crop.width)] and alpha [\(alpha.channels), \(alpha.height), \(alpha.width)]; expected 3 or 4, 3 and 1 channels, and one size for crop and alpha"
            )
        }
        var matte = alpha
        if case .feathered(let radius) = blending { matte = feathered(alpha, radius: radius) }
        var sampler = CropSampler(crop: crop, alpha: matte, transform: transform)
        while sampler.transform.scale >= 2, min(sampler.crop.width, sampler.crop.height) >= 2 {
            sampler = sampler.halved()
        }
        guard let region = try sampler.region(photoWidth: photo.width, photoHeight: photo.height) else {
            return
        }
        if case .multiBand(let levels) = blending {
            guard levels >= 0 else {
                throw .invalidArgument("multi-band blending with \(levels) levels: expected 0 or more")
            }
            MultiBandBlend(sampler: sampler, region: region, levels: levels).apply(to: &photo)
        } else {
            mix(sampler, region, into: &photo)
        }
    }

    private static func mix(_ sampler: CropSampler, _ region: PixelBounds, into photo: inout Image) {
        let (width, channels) = (photo.width, photo.channels)
        photo.pixels.withUnsafeMutableBufferPointer { target in
            sampler.withUnsafeSampler { sample in
                for y in region.rows {
                    for x in region.columns {
                        let p = sample.position(x, y)
                        let a = sample.alpha(p)
                        guard a > 0 else { continue }
                        let at = (y * width + x) * channels
                        let colour = sample.colour(p)
                        for c in 0..<3 {
                            let mixed = Float(target[at + c]) * (1 - a) + colour[c] * 255 * a
                            target[at + c] = mixed > 0 ? UInt8(min(255, mixed + 0.5)) : 0
                        }
                    }
                }
            }
        }
    }

    /// Softened inwards: shrunk by the radius, then blurred over it.
    private static func feathered(_ alpha: FloatImage, radius: Double) -> FloatImage {
        guard radius > 0 else { return alpha }
        var soft = alpha.eroded(radius: radius).blurred(sigma: radius / 3)
        for i in soft.data.indices { soft.data[i] = min(soft.data[i], alpha.data[i]) }
        return soft
    }
}

/// Rows and columns of a photo.
struct PixelBounds {
    var columns: Range<Int>
    var rows: Range<Int>

    /// Grown by `margin` pixels, within the photo.
    func grown(_ margin: Int, width: Int, height: Int) -> PixelBounds {
        PixelBounds(
            columns: max(0, columns.lowerBound - margin)..<min(width, columns.upperBound + margin),
            rows: max(0, rows.lowerBound - margin)..<min(height, rows.upperBound + margin))
    }
}
