extension Image {
    /// The alpha channel as [1, h, w]; ones when there is none.
    public var alphaPlane: FloatImage {
        guard channels == 4 else { return FloatImage(width: width, height: height, channels: 1, fill: 1) }
        var out = FloatImage(width: width, height: height, channels: 1)
        let count = width * height
        out.data.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                for i in 0..<count { target[i] = Float(source[4 * i + 3]) / 255 }
            }
        }
        return out
    }

    /// The same colours with another alpha channel; grey becomes RGB.
    /// - Parameter alpha: [1, h, w], 0…1.
    /// - Throws: `ImagingError.invalidArgument` unless alpha has one channel and the image's size.
    public func withAlpha(_ alpha: FloatImage) throws(ImagingError) -> Image {
        guard alpha.channels == 1, alpha.width == width, alpha.height == height else {
            throw .invalidArgument(
                "alpha of [\(alpha.channels), \(alpha.height), \(alpha.width)] for an image of \(width)x\(height): expected [1, \(height), \(width)]"
            )
        }
        var out = Image(width: width, height: height, channels: 4)
        let (count, c) = (width * height, channels)
        out.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                alpha.data.withUnsafeBufferPointer { alpha in
                    for i in 0..<count {
                        for k in 0..<3 { target[4 * i + k] = source[i * c + (c == 1 ? 0 : k)] }
                        target[4 * i + 3] = alpha[i] > 0 ? UInt8(min(255, alpha[i] * 255 + 0.5)) : 0
                    }
                }
            }
        }
        return out
    }
}

extension FloatImage {
    /// This image where `alpha` is 1, `background` where it is 0, mixtures between: α·self + (1 - α)·background.
    /// - Parameters:
    ///   - background: same shape.
    ///   - alpha: [1, h, w].
    /// - Throws: `ImagingError.invalidArgument` for shapes that do not fit.
    public func composited(over background: FloatImage, alpha: FloatImage) throws(ImagingError) -> FloatImage
    {
        guard background.width == width, background.height == height, background.channels == channels,
            alpha.width == width, alpha.height == height, alpha.channels == 1
        else {
            throw .invalidArgument(
                "composite of [\(channels), \(height), \(width)] over [\(background.channels), \(background.height), \(background.width)] by [\(alpha.channels), \(alpha.height), \(alpha.width)]: expected one size and one alpha channel"
            )
        }
        var out = background
        let plane = width * height
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                alpha.data.withUnsafeBufferPointer { alpha in
                    for c in 0..<channels {
                        let start = c * plane
                        for i in 0..<plane {
                            target[start + i] += alpha[i] * (source[start + i] - target[start + i])
                        }
                    }
                }
            }
        }
        return out
    }

    /// One channel as [1, h, w].
    /// - Throws: `ImagingError.invalidArgument` for a channel that does not exist.
    public func channel(_ index: Int) throws(ImagingError) -> FloatImage {
        guard index >= 0, index < channels else {
            throw .invalidArgument("channel \(index) of an image of \(channels)")
        }
        let plane = width * height
        return try FloatImage(
            width: width, height: height, channels: 1,
            data: Array(data[(index * plane)..<((index + 1) * plane)]))
    }

    /// A copy of a part.
    /// - Throws: `ImagingError.invalidArgument` unless the part is not empty and lies inside.
    public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) throws(ImagingError)
        -> FloatImage
    {
        guard newWidth > 0, newHeight > 0, x >= 0, y >= 0, x <= width - newWidth, y <= height - newHeight
        else {
            throw .invalidArgument(
                "crop of \(newWidth)x\(newHeight) at (\(x), \(y)) does not lie inside \(width)x\(height) pixels"
            )
        }
        var out = FloatImage(width: newWidth, height: newHeight, channels: channels)
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                for row in 0..<(channels * newHeight) {
                    let (c, line) = row.quotientAndRemainder(dividingBy: newHeight)
                    let from = (c * height + y + line) * width + x
                    for i in 0..<newWidth { target[row * newWidth + i] = source[from + i] }
                }
            }
        }
        return out
    }
}
