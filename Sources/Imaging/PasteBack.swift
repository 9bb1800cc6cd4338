/// Puts an aligned crop back into the photo that it was cut from.
public enum PasteBack {
    /// Blends `crop` over `photo` where `alpha` is above zero; every other pixel of the photo stays exactly as it is.
    ///
    /// Crop and alpha are sampled at the photo's resolution: colours by Catmull-Rom interpolation, alpha bilinearly. Only the part of
    /// the photo that the crop covers is visited.
    /// - Parameters:
    ///   - photo: 3 channels.
    ///   - crop: [3, h, w], 0…1.
    ///   - alpha: [1, h, w], 0…1; should fall to zero at the crop's border.
    ///   - transform: photo pixels -> crop pixels.
    /// - Throws: `ImagingError.invalidArgument` for channels or sizes that do not fit.
    public static func blend(
        _ crop: FloatImage, alpha: FloatImage, into photo: inout Image, transform: AffineTransform2D
    ) throws(ImagingError) {
        guard photo.channels == 3, crop.channels == 3, alpha.channels == 1, alpha.width == crop.width,
            alpha.height == crop.height
        else {
            throw .invalidArgument(
                "paste back: photo has \(photo.channels) channels, crop \(crop.channels) and alpha \(alpha.channels); expected 3, 3 and 1, and one size for crop and alpha"
            )
        }
        let back = try transform.inverse()
        let (cw, ch) = (crop.width, crop.height)
        let corners = [
            Point(-1, -1), Point(Double(cw), -1), Point(-1, Double(ch)), Point(Double(cw), Double(ch)),
        ].map(back.apply)
        let left = max(0, Int((corners.map(\.x).min() ?? 0).rounded(.down)))
        let right = min(photo.width - 1, Int((corners.map(\.x).max() ?? 0).rounded(.up)))
        let top = max(0, Int((corners.map(\.y).min() ?? 0).rounded(.down)))
        let bottom = min(photo.height - 1, Int((corners.map(\.y).max() ?? 0).rounded(.up)))
        guard left <= right, top <= bottom else { return }
        let width = photo.width
        let plane = cw * ch
        photo.pixels.withUnsafeMutableBufferPointer { target in
            crop.data.withUnsafeBufferPointer { colours in
                alpha.data.withUnsafeBufferPointer { matte in
                    for y in top...bottom {
                        for x in left...right {
                            let p = transform.apply(Point(Double(x), Double(y)))
                            guard p.x > -1, p.y > -1, p.x < Double(cw), p.y < Double(ch) else { continue }
                            let x0 = Int(p.x.rounded(.down))
                            let y0 = Int(p.y.rounded(.down))
                            let fx = Float(p.x - Double(x0))
                            let fy = Float(p.y - Double(y0))
                            func matteAt(_ i: Int, _ j: Int) -> Float {
                                i < 0 || j < 0 || i >= cw || j >= ch ? 0 : matte[j * cw + i]
                            }
                            let a =
                                (matteAt(x0, y0) * (1 - fx) + matteAt(x0 + 1, y0) * fx) * (1 - fy)
                                + (matteAt(x0, y0 + 1) * (1 - fx) + matteAt(x0 + 1, y0 + 1) * fx) * fy
                            guard a > 0 else { continue }
                            let wx = catmullRom(fx)
                            let wy = catmullRom(fy)
                            let at = (y * width + x) * 3
                            for c in 0..<3 {
                                var sum: Float = 0
                                for j in 0..<4 {
                                    let line = c * plane + min(max(y0 + j - 1, 0), ch - 1) * cw
                                    var row: Float = 0
                                    for i in 0..<4 {
                                        row += wx[i] * colours[line + min(max(x0 + i - 1, 0), cw - 1)]
                                    }
                                    sum += wy[j] * row
                                }
                                let mixed = Float(target[at + c]) * (1 - a) + sum * 255 * a
                                target[at + c] = mixed > 0 ? UInt8(min(255, mixed + 0.5)) : 0
                            }
                        }
                    }
                }
            }
        }
    }

    private static func catmullRom(_ t: Float) -> SIMD4<Float> {
        let t2 = t * t
        let t3 = t2 * t
        return SIMD4(
            -0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t,
            0.5 * t3 - 0.5 * t2)
    }
}
