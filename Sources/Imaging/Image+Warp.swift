extension Image {
    /// Resampled through an affine map.
    ///
    /// Bilinear. When the map shrinks by more than half, the image is first halved by box averages (a mip level), so that
    /// nothing aliases.
    /// - Parameter transform: source pixels -> result pixels.
    /// - Throws: `ImagingError.invalidArgument` for a singular map or sizes below 1.
    public func warped(
        by transform: AffineTransform2D, width newWidth: Int, height newHeight: Int,
        border: Border = .constant(0)
    ) throws(ImagingError) -> Image {
        guard newWidth > 0, newHeight > 0 else {
            throw .invalidArgument("warp to \(newWidth)x\(newHeight): expected positive sizes")
        }
        if transform.scale < 0.5, width >= 2, height >= 2 {
            // Pixel centres of the halved image lie at 2i + 0.5 of this one.
            let back = AffineTransform2D(a: 2, b: 0, c: 0.5, d: 0, e: 2, f: 0.5)
            return try halved().warped(
                by: back.concatenating(transform), width: newWidth, height: newHeight, border: border)
        }
        let inverse = try transform.inverse()
        var out = Image(width: newWidth, height: newHeight, channels: channels)
        let (w, h, c) = (width, height, channels)
        let outside: Float = if case .constant(let value) = border { Float(value) } else { 0 }
        out.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        let p = inverse.apply(Point(Double(x), Double(y)))
                        // Far outside: also keeps the conversion to Int safe.
                        let px = min(max(p.x, -1e6), 1e6)
                        let py = min(max(p.y, -1e6), 1e6)
                        let x0 = Int(px.rounded(.down))
                        let y0 = Int(py.rounded(.down))
                        let fx = Float(px - Double(x0))
                        let fy = Float(py - Double(y0))
                        let at = (y * newWidth + x) * c
                        if x0 >= 0, y0 >= 0, x0 + 1 < w, y0 + 1 < h {
                            let i = (y0 * w + x0) * c
                            for channel in 0..<c {
                                let top =
                                    Float(source[i + channel]) * (1 - fx) + Float(source[i + c + channel])
                                    * fx
                                let j = i + w * c
                                let bottom =
                                    Float(source[j + channel]) * (1 - fx) + Float(source[j + c + channel])
                                    * fx
                                target[at + channel] = UInt8(top * (1 - fy) + bottom * fy + 0.5)
                            }
                            continue
                        }
                        let xs = (border.resolve(x0, w), border.resolve(x0 + 1, w))
                        let ys = (border.resolve(y0, h), border.resolve(y0 + 1, h))
                        func value(_ xi: Int?, _ yi: Int?, _ channel: Int) -> Float {
                            guard let xi, let yi else { return outside }
                            return Float(source[(yi * w + xi) * c + channel])
                        }
                        for channel in 0..<c {
                            let top = value(xs.0, ys.0, channel) * (1 - fx) + value(xs.1, ys.0, channel) * fx
                            let bottom =
                                value(xs.0, ys.1, channel) * (1 - fx) + value(xs.1, ys.1, channel) * fx
                            target[at + channel] = UInt8(top * (1 - fy) + bottom * fy + 0.5)
                        }
                    }
                }
            }
        }
        return out
    }

    /// Half the size by averaging 2x2 blocks (an odd last row or column is dropped).
    func halved() -> Image {
        let (w, c) = (width, channels)
        var out = Image(width: width / 2, height: height / 2, channels: channels)
        out.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                var at = 0
                for y in 0..<(height / 2) {
                    for x in 0..<(w / 2) {
                        let i = (2 * y * w + 2 * x) * c
                        for channel in 0..<c {
                            let sum =
                                Int(source[i + channel]) + Int(source[i + c + channel])
                                + Int(source[i + w * c + channel]) + Int(source[i + w * c + c + channel])
                            target[at] = UInt8((sum + 2) / 4)
                            at += 1
                        }
                    }
                }
            }
        }
        return out
    }
}
