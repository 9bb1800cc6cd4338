import Imaging
import Training

/// How training images of people vary: the usual recipe of re-identification (Luo et al. 2019, "Bag of tricks and a strong
/// baseline"), with colour jitter and an automatic policy as options.
///
/// The order is: resize, policy, flip, pad and crop, colour jitter, random erasing. Everything happens in bytes, so that a sample
/// waits in a quarter of the memory of floats.
public struct PersonAugmentation: Codable, Sendable, Equatable {
    /// Probability of a mirror image.
    public var flip = 0.5
    /// Pixels of the result's size added at each side before a crop of the result's size is taken: the largest shift either way.
    public var padding = 10
    /// What the added pixels hold.
    public var paddingFill = PaddingFill.black
    public var policy = AugmentationPolicy()
    public var jitter = ColourJitter()
    public var erasing = RandomErasing()

    public enum PaddingFill: String, Codable, Sendable, CaseIterable {
        case black
        /// ImageNet's mean colour, which is 0 after normalisation.
        case mean
        /// The nearest pixel of the image.
        case edge
    }

    /// ImageNet's mean colour in bytes: 0.485, 0.456, 0.406 of 255.
    public static let meanColour: [UInt8] = [124, 116, 104]

    public init() {}

    /// Resizing alone.
    public static var none: PersonAugmentation {
        var none = PersonAugmentation()
        none.flip = 0
        none.padding = 0
        none.erasing.probability = 0
        return none
    }

    /// Varies one image; the same arguments give the same result.
    /// - Parameter image: any size, 1, 3 or 4 channels.
    /// - Returns: RGB of the given size.
    /// - Throws: `ImagingError.invalidArgument` for sizes below 1.
    public func callAsFunction(_ image: Image, height: Int, width: Int, seed: UInt64) throws(ImagingError)
        -> Image
    {
        var random = SampleRandom(seed: seed)
        var result = try image.rgb().resized(width: width, height: height)
        try policy.apply(to: &result, using: &random)
        let isMirrored = random.chance(flip)
        let (x, y) = (random.below(2 * padding + 1) - padding, random.below(2 * padding + 1) - padding)
        if isMirrored || x != 0 || y != 0 { result = moved(result, x: x, y: y, mirrored: isMirrored) }
        jitter.apply(to: &result, using: &random)
        erasing.apply(to: &result, using: &random)
        return result
    }

    /// Reads and varies one image of a data set, as [3, height, width] bytes.
    /// - Throws: `ImagingError` naming the file when it is missing, damaged or not an image.
    public func field(_ person: PersonImage, height: Int, width: Int, seed: UInt64) throws(ImagingError)
        -> SampleField
    {
        .image(try self(Image.read(person.path), height: height, width: width, seed: seed))
    }

    /// Mirrored, then moved: pixel (i, j) of the result is pixel (i + x, j + y) of the mirrored image.
    private func moved(_ image: Image, x shiftX: Int, y shiftY: Int, mirrored: Bool) -> Image {
        let (width, height) = (image.width, image.height)
        var out = Image(width: width, height: height, channels: 3)
        let fill: [UInt8] = paddingFill == .mean ? Self.meanColour : [0, 0, 0]
        // Offset of each column's source pixel in its row, -1 for added ones.
        let columns = (0..<width).map { column -> Int in
            var from = column + shiftX
            if !(0..<width).contains(from) {
                guard paddingFill == .edge else { return -1 }
                from = min(width - 1, max(0, from))
            }
            return 3 * (mirrored ? width - 1 - from : from)
        }
        out.pixels.withUnsafeMutableBufferPointer { target in
            image.pixels.withUnsafeBufferPointer { source in
                for row in 0..<height {
                    var from = row + shiftY
                    let isAdded = !(0..<height).contains(from) && paddingFill != .edge
                    from = min(height - 1, max(0, from)) * width * 3
                    var to = row * width * 3
                    for offset in columns {
                        if isAdded || offset < 0 {
                            for channel in 0..<3 { target[to + channel] = fill[channel] }
                        } else {
                            for channel in 0..<3 { target[to + channel] = source[from + offset + channel] }
                        }
                        to += 3
                    }
                }
            }
        }
        return out
    }
}
