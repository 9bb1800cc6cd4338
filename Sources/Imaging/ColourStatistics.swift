/// Mean and standard deviation of every channel, in the units of the image.
///
/// Moving an image from its own statistics to another's is the colour transfer of Reinhard et al. 2001 (there in lαβ, here in
/// whatever space the image has).
public struct ColourStatistics: Sendable, Equatable {
    public var mean: [Float]
    public var deviation: [Float]

    public init(mean: [Float], deviation: [Float]) {
        self.mean = mean
        self.deviation = deviation
    }
}

extension FloatImage {
    /// Statistics over all pixels, or weighted.
    /// - Parameter weights: [1, height, width], not negative; nil for equal weights.
    /// - Throws: `ImagingError.invalidArgument` when the sizes differ or all weights are zero.
    public func colourStatistics(weights: FloatImage? = nil) throws(ImagingError) -> ColourStatistics {
        if let weights {
            guard weights.channels == 1, weights.width == width, weights.height == height else {
                throw .invalidArgument(
                    "colour statistics of [\(channels), \(height), \(width)] with weights [\(weights.channels), \(weights.height), \(weights.width)]: expected [1, \(height), \(width)]"
                )
            }
        }
        let plane = width * height
        let total = weights.map { $0.data.reduce(0.0) { $0 + Double($1) } } ?? Double(plane)
        guard total > 0 else { throw .invalidArgument("colour statistics: all weights are zero") }
        var statistics = ColourStatistics(mean: [], deviation: [])
        for c in 0..<channels {
            var sum = 0.0
            for i in 0..<plane { sum += Double(data[c * plane + i]) * Double(weights?.data[i] ?? 1) }
            let mean = sum / total
            var squares = 0.0
            for i in 0..<plane {
                let difference = Double(data[c * plane + i]) - mean
                squares += difference * difference * Double(weights?.data[i] ?? 1)
            }
            statistics.mean.append(Float(mean))
            statistics.deviation.append(Float((squares / total).squareRoot()))
        }
        return statistics
    }

    /// Shifts and scales every channel so that statistics `from` become `to`. Not clipped.
    /// - Parameter gain: bounds of the contrast change, so that a nearly flat channel is not blown up into noise.
    /// - Throws: `ImagingError.invalidArgument` when the numbers of channels differ.
    public func matchingColours(
        from: ColourStatistics, to: ColourStatistics, gain bounds: ClosedRange<Float> = 0.5...2
    ) throws(ImagingError) -> FloatImage {
        guard
            [from.mean.count, from.deviation.count, to.mean.count, to.deviation.count].allSatisfy({
                $0 == channels
            })
        else {
            throw .invalidArgument(
                "colour transfer from \(from.mean.count) to \(to.mean.count) channels: the image has \(channels)"
            )
        }
        var out = self
        let plane = width * height
        for c in 0..<channels {
            let ratio = from.deviation[c] > 0 ? to.deviation[c] / from.deviation[c] : 1
            let gain = min(max(ratio, bounds.lowerBound), bounds.upperBound)
            for i in (c * plane)..<((c + 1) * plane) {
                out.data[i] = (data[i] - from.mean[c]) * gain + to.mean[c]
            }
        }
        return out
    }
}
