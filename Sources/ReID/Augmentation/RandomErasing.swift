import Imaging
import Training

/// Covers a random rectangle (Zhong et al. 2020, "Random erasing data augmentation"), so that no single part of a person decides.
public struct RandomErasing: Codable, Sendable, Equatable {
    public var probability = 0.5
    /// Share of the image's area that the rectangle covers, uniform between the two.
    public var smallestArea = 0.02
    public var largestArea = 0.4
    /// Height over width is uniform between this and its inverse.
    public var aspect = 0.3
    /// With ImageNet's mean colour, which is 0 after normalisation; otherwise with random colours, one per pixel.
    public var fillsWithMean = true

    /// A rectangle that does not fit is drawn again, this often at most.
    private static let attempts = 100

    public init() {}

    func apply(to image: inout Image, using random: inout SampleRandom) {
        guard random.chance(probability) else { return }
        let (width, height) = (image.width, image.height)
        for _ in 0..<Self.attempts {
            let area = random.uniform(smallestArea, largestArea) * Double(width * height)
            let ratio = random.uniform(aspect, 1 / aspect)
            let h = Int((area * ratio).squareRoot().rounded())
            let w = Int((area / ratio).squareRoot().rounded())
            guard h > 0, w > 0, h < height, w < width else { continue }
            let (top, left) = (random.below(height - h + 1), random.below(width - w + 1))
            let mean = PersonAugmentation.meanColour
            image.pixels.withUnsafeMutableBufferPointer { pixels in
                for row in top..<(top + h) {
                    for column in left..<(left + w) {
                        let at = 3 * (row * width + column)
                        if fillsWithMean {
                            for channel in 0..<3 { pixels[at + channel] = mean[channel] }
                        } else {
                            let word = random.next()
                            for channel in 0..<3 {
                                pixels[at + channel] = UInt8(
                                    truncatingIfNeeded: word >> (8 * UInt64(channel)))
                            }
                        }
                    }
                }
            }
            return
        }
    }
}
