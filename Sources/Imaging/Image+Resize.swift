import Foundation

/// Reconstruction filters; when shrinking they widen with the scale, so that nothing aliases.
public enum ResizeFilter: Sendable {
    case triangle
    case bicubic
    case lanczos3

    var support: Double {
        switch self {
        case .triangle: 1
        case .bicubic: 2
        case .lanczos3: 3
        }
    }

    func weight(_ x: Double) -> Double {
        let x = abs(x)
        switch self {
        case .triangle: return max(0, 1 - x)
        case .bicubic:
            // Keys' cubic with a = -0.5.
            if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
            return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
        case .lanczos3:
            guard x < 3 else { return 0 }
            guard x > 1e-9 else { return 1 }
            let t = Double.pi * x
            return 3 * sin(t) * sin(t / 3) / (t * t)
        }
    }
}

extension Image {
    /// Resized with antialiasing, separably.
    /// - Throws: `ImagingError.invalidArgument` for sizes below 1.
    public func resized(width newWidth: Int, height newHeight: Int, filter: ResizeFilter = .triangle)
        throws(ImagingError) -> Image
    {
        guard newWidth > 0, newHeight > 0 else {
            throw .invalidArgument("resize to \(newWidth)x\(newHeight): expected positive sizes")
        }
        guard newWidth != width || newHeight != height else { return self }
        let columns = Taps(from: width, to: newWidth, filter: filter)
        let rows = Taps(from: height, to: newHeight, filter: filter)
        let c = channels
        // Horizontally first, into floats; only the rows that are needed at a time would save memory, but photos are
        // shrunk here, so the intermediate is smaller than the source.
        var middle = [Float](repeating: 0, count: height * newWidth * c)
        columns.withUnsafeTaps { taps in
            middle.withUnsafeMutableBufferPointer { target in
                pixels.withUnsafeBufferPointer { source in
                    for y in 0..<height {
                        let line = y * width * c
                        for x in 0..<newWidth {
                            let tap = taps(x)
                            for channel in 0..<c {
                                var sum: Float = 0
                                var at = line + tap.start * c + channel
                                for weight in tap.weights {
                                    sum += weight * Float(source[at])
                                    at += c
                                }
                                target[(y * newWidth + x) * c + channel] = sum
                            }
                        }
                    }
                }
            }
        }
        var out = Image(width: newWidth, height: newHeight, channels: c)
        let stride = newWidth * c
        rows.withUnsafeTaps { taps in
            out.pixels.withUnsafeMutableBufferPointer { target in
                middle.withUnsafeBufferPointer { source in
                    var sums = [Float](repeating: 0, count: stride)
                    sums.withUnsafeMutableBufferPointer { sums in
                        for y in 0..<newHeight {
                            let tap = taps(y)
                            for x in 0..<stride { sums[x] = 0.5 }
                            for (k, weight) in tap.weights.enumerated() {
                                let line = (tap.start + k) * stride
                                for x in 0..<stride { sums[x] += weight * source[line + x] }
                            }
                            for x in 0..<stride { target[y * stride + x] = UInt8(min(255, max(0, sums[x]))) }
                        }
                    }
                }
            }
        }
        return out
    }

    private struct Taps {
        private var starts: [Int] = []
        private var offsets: [Int] = [0]
        private var weights: [Float] = []

        init(from: Int, to: Int, filter: ResizeFilter) {
            let scale = Double(from) / Double(to)
            let stretch = max(1, scale)
            let radius = filter.support * stretch
            for index in 0..<to {
                let centre = (Double(index) + 0.5) * scale
                let low = max(0, Int(centre - radius + 0.5))
                let high = min(from, Int(centre + radius + 0.5))
                var row = (low..<max(high, low + 1)).map {
                    filter.weight((Double($0) - centre + 0.5) / stretch)
                }
                let total = row.reduce(0, +)
                row = total != 0 ? row.map { $0 / total } : row.map { _ in 1 / Double(row.count) }
                starts.append(min(low, from - 1))
                weights += row.map(Float.init)
                offsets.append(weights.count)
            }
        }

        func withUnsafeTaps(
            _ body: ((Int) -> (start: Int, weights: UnsafeBufferPointer<Float>)) -> Void
        ) {
            weights.withUnsafeBufferPointer { weights in
                body { index in
                    (
                        starts[index],
                        UnsafeBufferPointer(rebasing: weights[offsets[index]..<offsets[index + 1]])
                    )
                }
            }
        }
    }
}
