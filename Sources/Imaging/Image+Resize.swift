extension Image {
    /// Resized with antialiasing, separably. Transparent pixels lend no colour to their neighbours.
    /// - Throws: `ImagingError.invalidArgument` for sizes below 1.
    public func resized(width newWidth: Int, height newHeight: Int, filter: ResizeFilter = .triangle)
        throws(ImagingError) -> Image
    {
        guard newWidth > 0, newHeight > 0 else {
            throw .invalidArgument("resize to \(newWidth)x\(newHeight): expected positive sizes")
        }
        guard newWidth != width || newHeight != height else { return self }
        var out = Image(width: newWidth, height: newHeight, channels: channels)
        let c = channels
        let stride = width * c
        let resampler = SeparableResampler(
            width: width, height: height, newWidth: newWidth, newHeight: newHeight, filter: filter)
        out.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                resampler.run(channels: c) { row, weight, line in
                    let from = UnsafeBufferPointer(rebasing: source[(row * stride)..<((row + 1) * stride)])
                    if c == 4 {
                        for x in Swift.stride(from: 0, to: from.count, by: 4) {
                            let alpha = weight * Float(from[x + 3])
                            line[x] += alpha * Float(from[x])
                            line[x + 1] += alpha * Float(from[x + 1])
                            line[x + 2] += alpha * Float(from[x + 2])
                            line[x + 3] += alpha
                        }
                    } else {
                        for x in 0..<from.count { line[x] += weight * Float(from[x]) }
                    }
                } store: { row, line in
                    let count = newWidth * c
                    if c == 4 {
                        for x in Swift.stride(from: 0, to: count, by: 4) where line[x + 3] != 0 {
                            let scale = 1 / line[x + 3]
                            for k in 0..<3 { line[x + k] *= scale }
                        }
                    }
                    let to = UnsafeMutableBufferPointer(
                        rebasing: target[(row * count)..<((row + 1) * count)])
                    for x in 0..<count { to[x] = UInt8(min(255, max(0, line[x] + 0.5))) }
                }
            }
        }
        return out
    }

    /// Resized to fit a box, keeping the aspect ratio.
    /// - Throws: `ImagingError.invalidArgument` for sizes below 1.
    public func fitted(width maximumWidth: Int, height maximumHeight: Int, filter: ResizeFilter = .bicubic)
        throws(ImagingError) -> Image
    {
        let scale = min(Double(maximumWidth) / Double(width), Double(maximumHeight) / Double(height))
        return try resized(
            width: min(maximumWidth, max(1, Int((Double(width) * scale).rounded()))),
            height: min(maximumHeight, max(1, Int((Double(height) * scale).rounded()))), filter: filter)
    }
}

extension FloatImage {
    /// Resized with antialiasing, separably, every channel by itself.
    /// - Throws: `ImagingError.invalidArgument` for sizes below 1.
    public func resized(width newWidth: Int, height newHeight: Int, filter: ResizeFilter = .triangle)
        throws(ImagingError) -> FloatImage
    {
        guard newWidth > 0, newHeight > 0 else {
            throw .invalidArgument("resize to \(newWidth)x\(newHeight): expected positive sizes")
        }
        guard newWidth != width || newHeight != height else { return self }
        var out = FloatImage(width: newWidth, height: newHeight, channels: channels)
        let resampler = SeparableResampler(
            width: width, height: height, newWidth: newWidth, newHeight: newHeight, filter: filter)
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                for c in 0..<channels {
                    resampler.run(channels: 1) { row, weight, line in
                        let start = (c * height + row) * width
                        let from = UnsafeBufferPointer(rebasing: source[start..<(start + width)])
                        for x in 0..<width { line[x] += weight * from[x] }
                    } store: { row, line in
                        let start = (c * newHeight + row) * newWidth
                        for x in 0..<newWidth { target[start + x] = line[x] }
                    }
                }
            }
        }
        return out
    }
}
