import Foundation

extension FloatImage {
    /// Gaussian blur of every channel, borders replicated; the kernel ends at three standard deviations, rounded up.
    /// - Parameter sigma: standard deviation in pixels; 0.05 or less leaves the image as it is.
    public func blurred(sigma: Double) -> FloatImage {
        guard sigma > 0.05, sigma.isFinite else { return self }
        let radius = max(1, Int((3 * min(sigma, 1e5)).rounded(.up)))
        let kernel = (-radius...radius).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
        let total = kernel.reduce(0, +)
        return filtered(kernel.map { $0 / total })
    }

    /// Mean over squares of 2 · radius + 1 pixels, borders replicated; the cost does not depend on the radius.
    public func boxBlurred(radius: Int) -> FloatImage {
        guard radius > 0 else { return self }
        var out = self
        let (w, h) = (width, height)
        let size = Double(2 * radius + 1)
        var sums = [Double](repeating: 0, count: w)
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                sums.withUnsafeMutableBufferPointer { sums in
                    for c in 0..<channels {
                        let plane = c * h * w
                        for x in 0..<w { sums[x] = 0 }
                        for k in -radius...radius {
                            let line = plane + min(max(k, 0), h - 1) * w
                            for x in 0..<w { sums[x] += Double(source[line + x]) }
                        }
                        for y in 0..<h {
                            var sum = 0.0
                            for k in -radius...radius { sum += sums[min(max(k, 0), w - 1)] }
                            for x in 0..<w {
                                target[plane + y * w + x] = Float(sum / (size * size))
                                sum += sums[min(x + radius + 1, w - 1)] - sums[max(x - radius, 0)]
                            }
                            let entering = plane + min(y + radius + 1, h - 1) * w
                            let leaving = plane + max(y - radius, 0) * w
                            for x in 0..<w {
                                sums[x] += Double(source[entering + x]) - Double(source[leaving + x])
                            }
                        }
                    }
                }
            }
        }
        return out
    }

    /// Correlated with a kernel of odd length along columns and rows, borders replicated.
    func filtered(_ kernel: [Float]) -> FloatImage {
        let radius = kernel.count / 2
        var out = self
        let (w, h) = (width, height)
        var row = [Float](repeating: 0, count: w + 2 * radius)
        out.data.withUnsafeMutableBufferPointer { target in
            data.withUnsafeBufferPointer { source in
                row.withUnsafeMutableBufferPointer { row in
                    for c in 0..<channels {
                        for y in 0..<h {
                            let middle = UnsafeMutableBufferPointer(rebasing: row[radius..<(radius + w)])
                            middle.update(repeating: 0)
                            for k in -radius...radius {
                                let weight = kernel[k + radius]
                                let line = (c * h + min(max(y + k, 0), h - 1)) * w
                                let from = UnsafeBufferPointer(rebasing: source[line..<(line + w)])
                                for x in 0..<w { middle[x] += weight * from[x] }
                            }
                            for i in 0..<radius {
                                row[i] = row[radius]
                                row[radius + w + i] = row[radius + w - 1]
                            }
                            let to = UnsafeMutableBufferPointer(
                                rebasing: target[((c * h + y) * w)..<((c * h + y + 1) * w)])
                            to.update(repeating: 0)
                            for k in 0..<kernel.count {
                                let weight = kernel[k]
                                for x in 0..<w { to[x] += weight * row[x + k] }
                            }
                        }
                    }
                }
            }
        }
        return out
    }
}
