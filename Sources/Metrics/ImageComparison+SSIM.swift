import Foundation

extension ImageComparison {
    /// Half the side of SSIM's window.
    private static let radius = 5

    /// Structural similarity (Wang et al. 2004): 11x11 Gaussian window of deviation 1.5, K1 = 0.01, K2 = 0.03, population
    /// covariance; mean over channels and over positions whose window lies inside the image.
    /// - Parameter region: weight of each pixel, [height, width], not negative; nil takes all positions alike.
    /// - Returns: 1 for equal images.
    public func ssim(in region: [Float]? = nil) throws(MetricsError) -> Double {
        let radius = Self.radius
        if let region { try check(region) }
        guard height > 2 * radius, width > 2 * radius else {
            throw .invalidInput(
                "SSIM of a \(height) x \(width) image: its window needs at least 11 x 11 pixels")
        }
        let taps = Self.window()
        let c1 = (0.01 * range) * (0.01 * range)
        let c2 = (0.03 * range) * (0.03 * range)
        var (sum, weight) = (0.0, 0.0)
        // One row of window means at a time: memory grows with the width only.
        var rows = [[Double]](repeating: Array(repeating: 0, count: width), count: 5)
        for channel in 0..<channels {
            for y in radius..<(height - radius) {
                filterColumns(channel, y, taps, into: &rows)
                for x in radius..<(width - radius) {
                    let share = region.map { Double($0[y * width + x]) } ?? 1
                    guard share > 0 else { continue }
                    var means = (0.0, 0.0, 0.0, 0.0, 0.0)
                    for (offset, tap) in taps.enumerated() {
                        let position = x - radius + offset
                        means.0 += tap * rows[0][position]
                        means.1 += tap * rows[1][position]
                        means.2 += tap * rows[2][position]
                        means.3 += tap * rows[3][position]
                        means.4 += tap * rows[4][position]
                    }
                    let (a, b) = (means.0, means.1)
                    let (varianceA, varianceB) = (means.2 - a * a, means.3 - b * b)
                    let covariance = means.4 - a * b
                    let value =
                        (2 * a * b + c1) * (2 * covariance + c2)
                        / ((a * a + b * b + c1) * (varianceA + varianceB + c2))
                    sum += share * value
                    weight += share
                }
            }
        }
        guard weight > 0 else {
            throw .empty("the region covers no pixel whose SSIM window lies inside the image")
        }
        return sum / weight
    }

    /// Vertical window sums at row `y` of a, b, a², b², ab.
    private func filterColumns(_ channel: Int, _ y: Int, _ taps: [Double], into rows: inout [[Double]]) {
        for row in rows.indices { for x in 0..<width { rows[row][x] = 0 } }
        for (offset, tap) in taps.enumerated() {
            let start = (channel * height + y - Self.radius + offset) * width
            for x in 0..<width {
                let (a, b) = (Double(first[start + x]), Double(second[start + x]))
                rows[0][x] += tap * a
                rows[1][x] += tap * b
                rows[2][x] += tap * a * a
                rows[3][x] += tap * b * b
                rows[4][x] += tap * a * b
            }
        }
    }

    private static func window() -> [Double] {
        let values = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / (1.5 * 1.5)) }
        let sum = values.reduce(0, +)
        return values.map { $0 / sum }
    }
}
