import Foundation

extension FloatImage {
    /// Gaussian blur of every channel, borders replicated.
    /// - Parameter sigma: standard deviation in pixels; 0 or less leaves the image as it is.
    public func blurred(sigma: Double) -> FloatImage {
        guard sigma > 0.05 else { return self }
        let radius = max(1, Int((3 * sigma).rounded(.up)))
        var kernel = (-radius...radius).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
        let total = kernel.reduce(0, +)
        kernel = kernel.map { $0 / total }
        var out = self
        let (w, h) = (width, height)
        var row = [Float](repeating: 0, count: max(w, h) + 2 * radius)
        out.data.withUnsafeMutableBufferPointer { data in
            row.withUnsafeMutableBufferPointer { row in
                kernel.withUnsafeBufferPointer { kernel in
                    /// Filters `count` values from `start` on, `step` apart, in place.
                    func pass(_ start: Int, _ step: Int, _ count: Int) {
                        for i in 0..<(count + 2 * radius) {
                            row[i] = data[start + min(max(i - radius, 0), count - 1) * step]
                        }
                        for i in 0..<count {
                            var sum: Float = 0
                            for k in 0...(2 * radius) { sum += kernel[k] * row[i + k] }
                            data[start + i * step] = sum
                        }
                    }
                    for c in 0..<channels {
                        for y in 0..<h { pass((c * h + y) * w, 1, w) }
                        for x in 0..<w { pass(c * h * w + x, w, h) }
                    }
                }
            }
        }
        return out
    }

    /// The largest value within a disc of `radius` pixels.
    public func dilated(radius: Double) -> FloatImage {
        guard radius >= 1 else { return self }
        let r = Int(radius)
        // Half the width of the disc at every height.
        let spans = (-r...r).map { Int((radius * radius - Double($0 * $0)).squareRoot()) }
        var out = self
        let (w, h) = (width, height)
        data.withUnsafeBufferPointer { source in
            out.data.withUnsafeMutableBufferPointer { target in
                for c in 0..<channels {
                    for y in 0..<h {
                        for x in 0..<w {
                            var best: Float = 0
                            for dy in max(-r, -y)...min(r, h - 1 - y) {
                                let span = spans[dy + r]
                                let line = (c * h + y + dy) * w
                                for xx in max(0, x - span)...min(w - 1, x + span) {
                                    best = max(best, source[line + xx])
                                }
                            }
                            target[(c * h + y) * w + x] = best
                        }
                    }
                }
            }
        }
        return out
    }
}
