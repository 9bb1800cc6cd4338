/// Planar floats, [channels, height, width], 0…1: what masks are drawn on, what networks are fed with.
public struct FloatImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let channels: Int
    public var data: [Float]

    public init(width: Int, height: Int, channels: Int, fill: Float = 0) {
        self.width = width
        self.height = height
        self.channels = channels
        data = [Float](repeating: fill, count: width * height * channels)
    }

    /// - Throws: `ImagingError.invalidArgument` when the number of values does not fit.
    public init(width: Int, height: Int, channels: Int, data: [Float]) throws(ImagingError) {
        guard width > 0, height > 0, channels > 0, data.count == width * height * channels else {
            throw .invalidArgument("\(data.count) values do not fill [\(channels), \(height), \(width)]")
        }
        self.width = width
        self.height = height
        self.channels = channels
        self.data = data
    }

    public init(_ image: Image) {
        self.init(width: image.width, height: image.height, channels: image.channels)
        let plane = width * height
        let channels = channels
        data.withUnsafeMutableBufferPointer { target in
            image.pixels.withUnsafeBufferPointer { source in
                for c in 0..<channels {
                    for index in 0..<plane {
                        target[c * plane + index] = Float(source[index * channels + c]) / 255
                    }
                }
            }
        }
    }

    /// Rounded to 8 bits, clipped to 0…1. Needs 1, 3 or 4 channels.
    public func image() throws(ImagingError) -> Image {
        let plane = width * height
        let pixels = [UInt8](unsafeUninitializedCapacity: plane * channels) { target, count in
            data.withUnsafeBufferPointer { source in
                for c in 0..<channels {
                    for index in 0..<plane {
                        let value = source[c * plane + index]
                        target[index * channels + c] = value > 0 ? UInt8(min(255, value * 255 + 0.5)) : 0
                    }
                }
            }
            count = plane * channels
        }
        return try Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    public subscript(channel: Int, y: Int, x: Int) -> Float {
        get { data[(channel * height + y) * width + x] }
        set { data[(channel * height + y) * width + x] = newValue }
    }

    /// Every value within 0…1.
    public func clamped() -> FloatImage {
        var out = self
        for i in out.data.indices { out.data[i] = min(1, max(0, data[i])) }
        return out
    }

    public func flippedHorizontally() -> FloatImage {
        var out = self
        let width = width
        data.withUnsafeBufferPointer { source in
            out.data.withUnsafeMutableBufferPointer { target in
                for row in 0..<(channels * height) {
                    for x in 0..<width { target[row * width + x] = source[row * width + width - 1 - x] }
                }
            }
        }
        return out
    }
}
