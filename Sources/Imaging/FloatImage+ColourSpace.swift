import Foundation

/// Colour spaces that planar RGB images convert to and back.
public enum ColourSpace: String, Sendable, CaseIterable {
    /// sRGB as stored, 0…1.
    case rgb
    /// JPEG's full-range Y, Cb, Cr (ITU-R BT.601, JFIF), 0…1 with the chroma zero at 128/255.
    case yCbCr
    /// Hue as a share of the full turn, saturation, value; 0…1.
    case hsv
    /// CIE L*a*b* for white D65: L* 0…100, a* and b* about -110…110.
    case lab
}

extension FloatImage {
    /// - Parameters:
    ///   - source: what the three channels are now.
    ///   - target: what they become; the units are those of `ColourSpace`.
    /// - Throws: `ImagingError.invalidArgument` unless the image has three channels.
    public func converted(from source: ColourSpace, to target: ColourSpace) throws(ImagingError) -> FloatImage
    {
        guard channels == 3 else {
            throw .invalidArgument(
                "colour conversion of [\(channels), \(height), \(width)]: expected 3 channels")
        }
        guard source != target else { return self }
        var out = self
        let plane = width * height
        out.data.withUnsafeMutableBufferPointer { data in
            for i in 0..<plane {
                var colour = SIMD3(data[i], data[i + plane], data[i + 2 * plane])
                colour =
                    switch source {
                    case .rgb: colour
                    case .yCbCr: Self.rgb(yCbCr: colour)
                    case .hsv: Self.rgb(hsv: colour)
                    case .lab: Self.rgb(lab: colour)
                    }
                colour =
                    switch target {
                    case .rgb: colour
                    case .yCbCr: Self.yCbCr(colour)
                    case .hsv: Self.hsv(colour)
                    case .lab: Self.lab(colour)
                    }
                data[i] = colour.x
                data[i + plane] = colour.y
                data[i + 2 * plane] = colour.z
            }
        }
        return out
    }

    private static let chromaZero: Float = 128.0 / 255

    private static func yCbCr(_ c: SIMD3<Float>) -> SIMD3<Float> {
        let y = 0.299 * c.x + 0.587 * c.y + 0.114 * c.z
        return SIMD3(y, (c.z - y) / 1.772 + chromaZero, (c.x - y) / 1.402 + chromaZero)
    }

    private static func rgb(yCbCr c: SIMD3<Float>) -> SIMD3<Float> {
        let blue = 1.772 * (c.y - chromaZero)
        let red = 1.402 * (c.z - chromaZero)
        return SIMD3(c.x + red, c.x - (0.114 * blue + 0.299 * red) / 0.587, c.x + blue)
    }

    private static func hsv(_ c: SIMD3<Float>) -> SIMD3<Float> {
        let (low, high) = (c.min(), c.max())
        let span = high - low
        guard span > 0 else { return SIMD3(0, 0, high) }
        let sector: Float =
            if c.x == high { (c.y - c.z) / span } else if c.y == high { 2 + (c.z - c.x) / span } else {
                4 + (c.x - c.y) / span
            }
        return SIMD3((sector < 0 ? sector + 6 : sector) / 6, span / high, high)
    }

    private static func rgb(hsv c: SIMD3<Float>) -> SIMD3<Float> {
        let turn = (c.x - c.x.rounded(.down)) * 6
        func channel(_ shift: Float) -> Float {
            let k = (shift + turn).truncatingRemainder(dividingBy: 6)
            return c.z - c.z * c.y * max(0, min(k, 4 - k, 1))
        }
        return SIMD3(channel(5), channel(3), channel(1))
    }

    /// White point D65 of the 2° observer.
    private static let white = SIMD3<Float>(0.95047, 1, 1.08883)

    private static func lab(_ c: SIMD3<Float>) -> SIMD3<Float> {
        func linear(_ v: Float) -> Float { v <= 0.04045 ? v / 12.92 : powf((v + 0.055) / 1.055, 2.4) }
        func root(_ v: Float) -> Float { v > 0.008856 ? cbrtf(v) : 7.787 * v + 16.0 / 116 }
        let (r, g, b) = (linear(c.x), linear(c.y), linear(c.z))
        let x = root((0.412453 * r + 0.357580 * g + 0.180423 * b) / white.x)
        let y = root(0.212671 * r + 0.715160 * g + 0.072169 * b)
        let z = root((0.019334 * r + 0.119193 * g + 0.950227 * b) / white.z)
        return SIMD3(116 * y - 16, 500 * (x - y), 200 * (y - z))
    }

    private static func rgb(lab c: SIMD3<Float>) -> SIMD3<Float> {
        func cube(_ v: Float) -> Float { v > 0.2068966 ? v * v * v : (v - 16.0 / 116) / 7.787 }
        func gamma(_ v: Float) -> Float { v <= 0.0031308 ? 12.92 * v : 1.055 * powf(v, 1 / 2.4) - 0.055 }
        let fy = (c.x + 16) / 116
        let x = cube(fy + c.y / 500) * white.x
        let y = cube(fy)
        let z = cube(fy - c.z / 200) * white.z
        return SIMD3(
            gamma(3.2404813 * x - 1.5371515 * y - 0.4985363 * z),
            gamma(-0.9692549 * x + 1.8759900 * y + 0.0415559 * z),
            gamma(0.0556466 * x - 0.2040413 * y + 1.0573111 * z))
    }
}
