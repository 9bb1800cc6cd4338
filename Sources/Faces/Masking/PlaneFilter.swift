import Foundation

/// Filters for one plane of floats, [height, width]; the border is repeated.
enum PlaneFilter {
    /// Gaussian blur; three box passes where the kernel would be long.
    static func blur(_ plane: inout [Float], width: Int, height: Int, sigma: Float) {
        guard sigma > 0.2, width > 0, height > 0 else { return }
        if sigma < 2.2 {
            let radius = Int((sigma * 2.3).rounded(.up))
            var kernel = (0...radius).map { expf(-Float($0 * $0) / (2 * sigma * sigma)) }
            let total = kernel[0] + 2 * kernel.dropFirst().reduce(0, +)
            for i in kernel.indices { kernel[i] /= total }
            convolve(&plane, width, height, kernel)
        } else {
            // Three boxes of radius r have variance r (r + 1).
            let radius = max(1, Int(((1 + 4 * sigma * sigma).squareRoot() - 1) / 2 + 0.5))
            for _ in 0..<3 { box(&plane, width, height, radius) }
        }
    }

    private static func convolve(_ plane: inout [Float], _ width: Int, _ height: Int, _ kernel: [Float]) {
        let radius = kernel.count - 1
        var middle = [Float](repeating: 0, count: plane.count)
        var line = [Float](repeating: 0, count: width + 2 * radius)
        plane.withUnsafeMutableBufferPointer { plane in
            middle.withUnsafeMutableBufferPointer { middle in
                line.withUnsafeMutableBufferPointer { line in
                    kernel.withUnsafeBufferPointer { kernel in
                        for y in 0..<height {
                            let row = y * width
                            for x in 0..<radius {
                                line[x] = plane[row]
                                line[radius + width + x] = plane[row + width - 1]
                            }
                            for x in 0..<width { line[radius + x] = plane[row + x] }
                            for x in 0..<width { middle[row + x] = kernel[0] * line[radius + x] }
                            for k in 1...radius {
                                let w = kernel[k]
                                for x in 0..<width {
                                    middle[row + x] += w * (line[radius + x - k] + line[radius + x + k])
                                }
                            }
                        }
                        for y in 0..<height {
                            let row = y * width
                            for x in 0..<width { plane[row + x] = kernel[0] * middle[row + x] }
                            for k in 1...radius {
                                let w = kernel[k]
                                let up = max(y - k, 0) * width
                                let down = min(y + k, height - 1) * width
                                for x in 0..<width {
                                    plane[row + x] += w * (middle[up + x] + middle[down + x])
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func box(_ plane: inout [Float], _ width: Int, _ height: Int, _ radius: Int) {
        let norm = 1 / Float(2 * radius + 1)
        var line = [Float](repeating: 0, count: max(width, height))
        var sums = [Float](repeating: 0, count: width)
        var copy = plane
        plane.withUnsafeMutableBufferPointer { plane in
            copy.withUnsafeMutableBufferPointer { copy in
                for y in 0..<height {
                    let row = y * width
                    var sum: Float = 0
                    for x in -radius...radius { sum += plane[row + min(max(x, 0), width - 1)] }
                    for x in 0..<width {
                        line[x] = sum * norm
                        sum += plane[row + min(x + radius + 1, width - 1)] - plane[row + max(x - radius, 0)]
                    }
                    for x in 0..<width { copy[row + x] = line[x] }
                }
                for y in -radius...radius {
                    let row = min(max(y, 0), height - 1) * width
                    for x in 0..<width { sums[x] += copy[row + x] }
                }
                for y in 0..<height {
                    let enter = min(y + radius + 1, height - 1) * width
                    let leave = max(y - radius, 0) * width
                    for x in 0..<width {
                        plane[y * width + x] = sums[x] * norm
                        sums[x] += copy[enter + x] - copy[leave + x]
                    }
                }
            }
        }
    }
}
