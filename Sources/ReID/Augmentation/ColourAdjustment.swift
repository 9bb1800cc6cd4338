import Imaging

/// A change of an image's colours by one number, as Pillow and torchvision define it.
public enum ColourAdjustment: String, Sendable, Codable, CaseIterable {
    /// Times a factor.
    case brightness
    /// Away from (factor above 1) or towards the mean of the grey image.
    case contrast
    /// Away from or towards the grey image.
    case saturation
    /// Away from or towards the smoothed image.
    case sharpness
    /// Rotates the colour circle by a share of it, -0.5 to 0.5.
    case hue
    /// Inverts values from a threshold on (256: none).
    case solarise
    /// Keeps this many bits of each value.
    case posterise
    /// Stretches each channel to the whole range. The number is not used.
    case autoContrast
    /// Makes each channel's histogram flat. The number is not used.
    case equalise
}

extension Image {
    /// Applies an adjustment to an RGB image.
    public mutating func adjust(_ kind: ColourAdjustment, _ amount: Double) {
        guard channels == 3 else { return }
        switch kind {
        case .brightness: look(up: (0...255).map { Self.byte(Float(amount) * Float($0)) })
        case .contrast:
            let mean = Float(Int(Double(greys().reduce(0) { $0 + Int($1) }) / Double(width * height) + 0.5))
            let factor = Float(amount)
            look(up: (0...255).map { Self.byte(mean + factor * (Float($0) - mean)) })
        case .saturation:
            let (factor, greys) = (Float(amount), greys())
            pixels.withUnsafeMutableBufferPointer { pixels in
                for (index, grey) in greys.enumerated() {
                    for at in (3 * index)..<(3 * index + 3) {
                        pixels[at] = Self.byte(Float(grey) + factor * (Float(pixels[at]) - Float(grey)))
                    }
                }
            }
        case .sharpness: sharpen(Float(amount))
        case .hue: rotateHue(Float(amount))
        case .solarise: look(up: (0...255).map { Double($0) < amount ? UInt8($0) : UInt8(255 - $0) })
        case .posterise:
            let bits = min(8, max(1, Int(amount)))
            look(up: (0...255).map { UInt8($0 & (256 - (1 << (8 - bits)))) })
        case .autoContrast: eachChannel(Self.stretched)
        case .equalise: eachChannel(Self.equalised)
        }
    }

    /// Truncated, as Pillow's blending does.
    private static func byte(_ value: Double) -> UInt8 { UInt8(min(255, max(0, value))) }
    private static func byte(_ value: Float) -> UInt8 { UInt8(min(255, max(0, value))) }

    private mutating func look(up table: [UInt8]) {
        pixels.withUnsafeMutableBufferPointer { pixels in
            table.withUnsafeBufferPointer { table in
                for index in pixels.indices { pixels[index] = table[Int(pixels[index])] }
            }
        }
    }

    /// ITU-R 601 luma in Pillow's fixed-point arithmetic.
    private func greys() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: width * height) { target, count in
            pixels.withUnsafeBufferPointer { source in
                for index in 0..<(width * height) {
                    let (r, g, b) = (
                        Int(source[3 * index]), Int(source[3 * index + 1]), Int(source[3 * index + 2])
                    )
                    target[index] = UInt8((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16)
                }
            }
            count = width * height
        }
    }

    /// Blends with a 3x3 smoothing of weights 1, centre 5, over 13; the border stays.
    private mutating func sharpen(_ factor: Float) {
        guard width > 2, height > 2 else { return }
        let source = pixels
        let stride = 3 * width
        source.withUnsafeBufferPointer { source in
            pixels.withUnsafeMutableBufferPointer { target in
                for row in 1..<(height - 1) {
                    for at in (row * stride + 3)..<((row + 1) * stride - 3) {
                        var sum = 4 * Int(source[at])
                        for line in [at - stride, at, at + stride] {
                            sum += Int(source[line - 3]) + Int(source[line]) + Int(source[line + 3])
                        }
                        let smooth = Float((2 * sum + 13) / 26)
                        target[at] = Self.byte(smooth + factor * (Float(source[at]) - smooth))
                    }
                }
            }
        }
    }

    private mutating func rotateHue(_ share: Float) {
        pixels.withUnsafeMutableBufferPointer { pixels in
            for at in Swift.stride(from: 0, to: pixels.count, by: 3) {
                let (r, g, b) = (Float(pixels[at]), Float(pixels[at + 1]), Float(pixels[at + 2]))
                let (high, low) = (max(r, g, b), min(r, g, b))
                let range = high - low
                guard range > 0 else { continue }
                // Hue in sixths of the circle.
                var hue =
                    high == r
                    ? (g - b) / range : high == g ? 2 + (b - r) / range : 4 + (r - g) / range
                hue += 6 * share
                for (channel, offset) in [Float(5), 3, 1].enumerated() {
                    var k = (offset + hue).truncatingRemainder(dividingBy: 6)
                    if k < 0 { k += 6 }
                    let value = high - range * max(0, min(k, 4 - k, 1))
                    pixels[at + channel] = Self.byte(value + 0.5)
                }
            }
        }
    }

    /// Maps each channel by a table made of its histogram.
    private mutating func eachChannel(_ table: (_ histogram: [Int]) -> [UInt8]?) {
        for channel in 0..<3 {
            var histogram = [Int](repeating: 0, count: 256)
            for at in Swift.stride(from: channel, to: pixels.count, by: 3) { histogram[Int(pixels[at])] += 1 }
            guard let table = table(histogram) else { continue }
            for at in Swift.stride(from: channel, to: pixels.count, by: 3) {
                pixels[at] = table[Int(pixels[at])]
            }
        }
    }

    private static func stretched(_ histogram: [Int]) -> [UInt8]? {
        guard let low = histogram.firstIndex(where: { $0 > 0 }),
            let high = histogram.lastIndex(where: { $0 > 0 }), high > low
        else { return nil }
        let scale = 255 / Double(high - low)
        return (0...255).map { byte(Double($0) * scale - Double(low) * scale) }
    }

    private static func equalised(_ histogram: [Int]) -> [UInt8]? {
        guard let last = histogram.last(where: { $0 > 0 }) else { return nil }
        let step = (histogram.reduce(0, +) - last) / 255
        guard step > 0, histogram.count(where: { $0 > 0 }) > 1 else { return nil }
        var sum = step / 2
        return histogram.map { count in
            defer { sum += count }
            return UInt8(min(255, sum / step))
        }
    }
}
