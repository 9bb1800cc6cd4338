import Imaging

/// A photo with a mask put on.
public struct MaskedFace: Sendable {
    /// Same size and channels as the photo; outside `region` it is the photo, bit for bit.
    public let image: FloatImage
    /// Opacity of the mask's fabric without straps, one channel, [1, height, width], 0…1.
    public let alpha: FloatImage
    /// Opacity of straps where they are not covered by the mask, [1, height, width], 0…1.
    public let straps: FloatImage
    /// Darkening by the contact shadow, [1, height, width], 0…1.
    public let shadow: FloatImage
    /// The pixels that may differ from the photo; empty when mask and picture do not meet.
    public let region: PixelRegion

    /// Opacity of mask and straps together.
    public var alphaWithStraps: FloatImage {
        var out = alpha
        for y in region.y..<(region.y + region.height) {
            for x in region.x..<(region.x + region.width) {
                out[0, y, x] += straps[0, y, x]
            }
        }
        return out
    }
}
