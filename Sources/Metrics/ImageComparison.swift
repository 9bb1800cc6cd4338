import Foundation

/// Two images of one size, compared pixel by pixel. Pixels are planar: [channels, height, width], row-major.
public struct ImageComparison: Sendable {
    public let channels: Int
    public let height: Int
    public let width: Int
    /// Difference between the largest and smallest possible value: 1 for 0...1, 2 for -1...1, 255 for bytes.
    public let range: Double
    let first: [Float]
    let second: [Float]

    /// - Throws: `MetricsError.invalidInput` if an array does not hold channels * height * width numbers.
    public init(
        _ first: [Float], _ second: [Float], channels: Int, height: Int, width: Int, range: Double = 1
    ) throws(MetricsError) {
        let count = channels * height * width
        guard channels > 0, height > 0, width > 0, first.count == count, second.count == count, range > 0
        else {
            throw .invalidInput(
                "images of \(first.count) and \(second.count) values with range \(range): expected [\(channels), \(height), \(width)] = \(count) values each and a range above 0"
            )
        }
        self.first = first
        self.second = second
        self.channels = channels
        self.height = height
        self.width = width
        self.range = range
    }

    /// Mean absolute difference, in the pixels' unit.
    /// - Parameter region: weight of each pixel, [height, width], not negative; nil takes all pixels alike.
    public func l1(in region: [Float]? = nil) throws(MetricsError) -> Double {
        try mean(in: region) { abs($0) }
    }

    /// Mean squared difference.
    public func mse(in region: [Float]? = nil) throws(MetricsError) -> Double {
        try mean(in: region) { $0 * $0 }
    }

    /// Peak signal-to-noise ratio in dB; infinite for equal images.
    public func psnr(in region: [Float]? = nil) throws(MetricsError) -> Double {
        10 * log10(range * range / (try mse(in: region)))
    }

    private func mean(in region: [Float]?, _ measure: (Double) -> Double) throws(MetricsError) -> Double {
        let plane = height * width
        var (sum, weight) = (0.0, 0.0)
        if let region {
            try check(region)
            for channel in 0..<channels {
                for pixel in 0..<plane where region[pixel] != 0 {
                    let difference =
                        Double(first[channel * plane + pixel]) - Double(second[channel * plane + pixel])
                    sum += Double(region[pixel]) * measure(difference)
                    weight += Double(region[pixel])
                }
            }
        } else {
            for index in first.indices { sum += measure(Double(first[index]) - Double(second[index])) }
            weight = Double(first.count)
        }
        guard weight > 0 else { throw .empty("the region covers no pixel: nothing to compare") }
        return sum / weight
    }

    func check(_ region: [Float]) throws(MetricsError) {
        guard region.count == height * width else {
            throw .invalidInput(
                "a region of \(region.count) weights for an image of \(height) x \(width) pixels")
        }
        if let bad = region.firstIndex(where: { !($0 >= 0) || !$0.isFinite }) {
            throw .invalidInput(
                "weight \(bad) of the region is \(region[bad]), expected a finite number of at least 0")
        }
    }
}
