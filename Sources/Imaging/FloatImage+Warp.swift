extension FloatImage {
    /// Resampled through an affine map, every channel by itself; see `Image.warped`.
    /// - Parameters:
    ///   - transform: source pixels -> result pixels.
    ///   - border: what lies outside the source; `.constant` counts 255 as 1.
    /// - Throws: `ImagingError.invalidArgument` for a singular map or sizes below 1.
    public func warped(
        by transform: AffineTransform2D, width newWidth: Int, height newHeight: Int,
        border: Border = .constant(0)
    ) throws(ImagingError) -> FloatImage {
        let plan = try WarpPlan(transform, width, height, newWidth, newHeight, border)
        guard plan.levels > 0 else {
            return bilinear(by: plan.inverse, width: newWidth, height: newHeight, border: border)
        }
        var level = self
        var remaining = transform
        for _ in 0..<plan.levels {
            level = level.halved()
            remaining = WarpPlan.doubling.concatenating(remaining)
        }
        return level.bilinear(by: try remaining.inverse(), width: newWidth, height: newHeight, border: border)
    }

    /// Resampled at the same size; what lies outside is mirrored.
    /// - Parameter transform: source pixels -> result pixels.
    /// - Throws: `ImagingError.invalidArgument` for a singular map.
    public func warped(by transform: AffineTransform2D) throws(ImagingError) -> FloatImage {
        try warped(by: transform, width: width, height: height, border: .reflect)
    }

    private func bilinear(
        by inverse: AffineTransform2D, width newWidth: Int, height newHeight: Int, border: Border
    ) -> FloatImage {
        var out = FloatImage(width: newWidth, height: newHeight, channels: channels)
        let (w, h) = (width, height)
        let outside: Float = if case .constant(let value) = border { Float(value) / 255 } else { 0 }
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        let p = BilinearPosition(inverse.apply(Point(Double(x), Double(y))))
                        var at = y * newWidth + x
                        if p.isInside(w, h) {
                            var i = p.y * w + p.x
                            for _ in 0..<channels {
                                target[at] = p.mix(source[i], source[i + 1], source[i + w], source[i + w + 1])
                                i += w * h
                                at += newWidth * newHeight
                            }
                            continue
                        }
                        let xs = (border.resolve(p.x, w), border.resolve(p.x + 1, w))
                        let ys = (border.resolve(p.y, h), border.resolve(p.y + 1, h))
                        func value(_ xi: Int?, _ yi: Int?, _ channel: Int) -> Float {
                            guard let xi, let yi else { return outside }
                            return source[(channel * h + yi) * w + xi]
                        }
                        for c in 0..<channels {
                            target[at] = p.mix(
                                value(xs.0, ys.0, c), value(xs.1, ys.0, c), value(xs.0, ys.1, c),
                                value(xs.1, ys.1, c))
                            at += newWidth * newHeight
                        }
                    }
                }
            }
        }
        return out
    }

    /// Half the size by averaging 2x2 blocks (an odd last row or column is dropped).
    func halved() -> FloatImage {
        let (w, h) = (width, height)
        var out = FloatImage(width: max(1, w / 2), height: max(1, h / 2), channels: channels)
        let (right, below) = (w > 1 ? 1 : 0, h > 1 ? w : 0)
        let (newWidth, newHeight) = (out.width, out.height)
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                var at = 0
                for c in 0..<channels {
                    for y in 0..<newHeight {
                        var i = (c * h + 2 * y) * w
                        for _ in 0..<newWidth {
                            target[at] =
                                (source[i] + source[i + right] + source[i + below] + source[i + below + right])
                                * 0.25
                            at += 1
                            i += 2
                        }
                    }
                }
            }
        }
        return out
    }
}
