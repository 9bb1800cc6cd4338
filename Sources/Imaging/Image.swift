/// 8-bit pixels, interleaved, row-major, sRGB. Channels: 1 (grey), 3 (RGB) or 4 (RGBA, straight alpha).
public struct Image: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let channels: Int
    /// `width · height · channels` values, [height, width, channels].
    public var pixels: [UInt8]

    /// - Throws: `ImagingError.invalidArgument` when sizes, channels and the number of values do not fit.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(ImagingError) {
        guard width > 0, height > 0, [1, 3, 4].contains(channels), pixels.count == width * height * channels
        else {
            throw .invalidArgument(
                "image of \(width)x\(height) with \(channels) channels and \(pixels.count) values: expected positive sizes, 1, 3 or 4 channels and width·height·channels values"
            )
        }
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// An image of one value in every channel.
    public init(width: Int, height: Int, channels: Int, fill: UInt8 = 0) {
        precondition(width > 0 && height > 0 && [1, 3, 4].contains(channels), "image sizes must be positive")
        self.width = width
        self.height = height
        self.channels = channels
        pixels = [UInt8](repeating: fill, count: width * height * channels)
    }

    /// Three channels: grey is repeated, alpha is composed over `background`.
    public func rgb(background: UInt8 = 255) -> Image {
        guard channels != 3 else { return self }
        var out = Image(width: width, height: height, channels: 3)
        out.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                for index in 0..<(width * height) {
                    if channels == 1 {
                        for c in 0..<3 { target[3 * index + c] = source[index] }
                    } else {
                        let alpha = Int(source[4 * index + 3])
                        for c in 0..<3 {
                            let mixed = Int(source[4 * index + c]) * alpha + Int(background) * (255 - alpha)
                            target[3 * index + c] = UInt8((mixed + 127) / 255)
                        }
                    }
                }
            }
        }
        return out
    }
}
