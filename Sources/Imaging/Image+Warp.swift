extension Image {
    /// Resampled through an affine map.
    ///
    /// Bilinear. When the map shrinks by more than half, the visited part of the image is first halved by box averages (a mip
    /// level) as often as needed, so that nothing aliases; the rest of a large photo costs nothing.
    /// - Parameters:
    ///   - transform: source pixels -> result pixels.
    ///   - border: what lies outside the source.
    /// - Throws: `ImagingError.invalidArgument` for a singular map or sizes below 1.
    public func warped(
        by transform: AffineTransform2D, width newWidth: Int, height newHeight: Int,
        border: Border = .constant(0)
    ) throws(ImagingError) -> Image {
        let plan = try WarpPlan(transform, width, height, newWidth, newHeight, border)
        guard plan.levels > 0 else {
            return bilinear(by: plan.inverse, width: newWidth, height: newHeight, border: border)
        }
        let region = plan.region
        var level = cropped(x: region.x, y: region.y, width: region.width, height: region.height)
        var remaining = AffineTransform2D.scale(
            1, translate: Point(Double(region.x), Double(region.y))
        ).concatenating(transform)
        for _ in 0..<plan.levels {
            level = level.halved()
            remaining = WarpPlan.doubling.concatenating(remaining)
        }
        return level.bilinear(by: try remaining.inverse(), width: newWidth, height: newHeight, border: border)
    }

    /// Resampled through the inverse of an affine map: what `warped(by:)` takes there, this brings back.
    /// - Parameter transform: result pixels -> source pixels.
    public func warped(
        byInverseOf transform: AffineTransform2D, width newWidth: Int, height newHeight: Int,
        border: Border = .constant(0)
    ) throws(ImagingError) -> Image {
        try warped(by: transform.inverse(), width: newWidth, height: newHeight, border: border)
    }

    private func bilinear(
        by inverse: AffineTransform2D, width newWidth: Int, height newHeight: Int, border: Border
    ) -> Image {
        var out = Image(width: newWidth, height: newHeight, channels: channels)
        let (w, h, c) = (width, height, channels)
        let outside: Float = if case .constant(let value) = border { Float(value) } else { 0 }
        out.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        let at = (y * newWidth + x) * c
                        let p = BilinearPosition(inverse.apply(Point(Double(x), Double(y))))
                        if p.isInside(w, h) {
                            let i = (p.y * w + p.x) * c
                            let j = i + w * c
                            for k in 0..<c {
                                target[at + k] = UInt8(
                                    p.mix(
                                        Float(source[i + k]), Float(source[i + c + k]), Float(source[j + k]),
                                        Float(source[j + c + k])) + 0.5)
                            }
                            continue
                        }
                        let xs = (border.resolve(p.x, w), border.resolve(p.x + 1, w))
                        let ys = (border.resolve(p.y, h), border.resolve(p.y + 1, h))
                        func value(_ xi: Int?, _ yi: Int?, _ channel: Int) -> Float {
                            guard let xi, let yi else { return outside }
                            return Float(source[(yi * w + xi) * c + channel])
                        }
                        for k in 0..<c {
                            target[at + k] = UInt8(
                                p.mix(
                                    value(xs.0, ys.0, k), value(xs.1, ys.0, k), value(xs.0, ys.1, k),
                                    value(xs.1, ys.1, k)) + 0.5)
                        }
                    }
                }
            }
        }
        return out
    }

    /// A copy of a part that lies inside.
    package func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> Image {
        var out = Image(width: newWidth, height: newHeight, channels: channels)
        let (row, stride) = (newWidth * channels, width * channels)
        let start = y * stride + x * channels
        out.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                for line in 0..<newHeight {
                    for i in 0..<row { target[line * row + i] = source[start + line * stride + i] }
                }
            }
        }
        return out
    }

    /// Half the size by averaging 2x2 blocks (an odd last row or column is dropped).
    func halved() -> Image {
        let (w, c) = (width, channels)
        var out = Image(width: max(1, width / 2), height: max(1, height / 2), channels: channels)
        // One-pixel sides stay as they are.
        let (right, below) = (width > 1 ? c : 0, height > 1 ? w * c : 0)
        let (newWidth, newHeight) = (out.width, out.height)
        out.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                var at = 0
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        let i = (2 * y * w + 2 * x) * c
                        for k in i..<(i + c) {
                            let sum =
                                UInt16(source[k]) + UInt16(source[k + right]) + UInt16(source[k + below])
                                + UInt16(source[k + below + right])
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
