extension FloatImage {
    /// Resampled bilinearly through an affine map; what lies outside is mirrored. For maps that shrink little.
    /// - Parameter transform: source pixels -> result pixels.
    /// - Throws: `ImagingError.invalidArgument` for a singular map.
    public func warped(by transform: AffineTransform2D) throws(ImagingError) -> FloatImage {
        let inverse = try transform.inverse()
        var out = self
        let (w, h) = (width, height)
        let plane = w * h
        data.withUnsafeBufferPointer { source in
            out.data.withUnsafeMutableBufferPointer { target in
                for y in 0..<h {
                    for x in 0..<w {
                        let p = inverse.apply(Point(Double(x), Double(y)))
                        let px = min(max(p.x, -1e6), 1e6)
                        let py = min(max(p.y, -1e6), 1e6)
                        let x0 = Int(px.rounded(.down))
                        let y0 = Int(py.rounded(.down))
                        let fx = Float(px - Double(x0))
                        let fy = Float(py - Double(y0))
                        let left = Border.reflect.resolve(x0, w) ?? 0
                        let right = Border.reflect.resolve(x0 + 1, w) ?? 0
                        let top = (Border.reflect.resolve(y0, h) ?? 0) * w
                        let bottom = (Border.reflect.resolve(y0 + 1, h) ?? 0) * w
                        for c in 0..<channels {
                            let base = c * plane
                            let upper = source[base + top + left] * (1 - fx) + source[base + top + right] * fx
                            let lower =
                                source[base + bottom + left] * (1 - fx) + source[base + bottom + right] * fx
                            target[base + y * w + x] = upper * (1 - fy) + lower * fy
                        }
                    }
                }
            }
        }
        return out
    }
}
