import Imaging

/// Makes recovered skin continue the visible skin's colour across the mask's edge.
public enum SeamColour {
    /// Adds to `drawn` the difference between the photo and the drawing just outside the mask, carried inwards smoothly.
    ///
    /// The difference is known where the photo is visible; normalised convolution (Knutsson & Westin 1993) at two scales extends
    /// it under the mask.
    /// - Parameters:
    ///   - drawn: what the generator drew, [3, h, w], 0…1.
    ///   - photo: the aligned photo, same size.
    ///   - hidden: 1 where the mask hides the face, [1, h, w], with a margin beyond its edge.
    ///   - limit: largest change of a colour value.
    ///   - certain: 1 where the photo shows what is to be continued, however far the drawing is from it, [1, h, w].
    ///   - tolerance: difference of a colour value from which a visible pixel is not taken for the skin that was drawn there.
    public static func match(
        _ drawn: FloatImage, to photo: FloatImage, hidden: FloatImage, limit: Float = 0.25,
        tolerance: Float = 0.12, certain: FloatImage? = nil
    ) -> FloatImage {
        let plane = drawn.width * drawn.height
        var known = FloatImage(width: drawn.width, height: drawn.height, channels: 1)
        var field = FloatImage(width: drawn.width, height: drawn.height, channels: 3)
        for i in 0..<plane {
            var largest: Float = 0
            for c in 0..<3 {
                largest = max(largest, abs(photo.data[c * plane + i] - drawn.data[c * plane + i]))
            }
            // Where the drawing is far off (hair, glasses, background, cloth that was not taken for the mask) it says nothing about
            // skin.
            let trust =
                max(0, 1 - hidden.data[i]) * max(certain?.data[i] ?? 0, max(0, 1 - largest / tolerance))
            known.data[i] = trust
            for c in 0..<3 {
                field.data[c * plane + i] = trust * (photo.data[c * plane + i] - drawn.data[c * plane + i])
            }
        }
        let scale = Double(drawn.width) / 128
        let near = (known.blurred(sigma: 4 * scale), field.blurred(sigma: 4 * scale))
        let far = (known.blurred(sigma: 16 * scale), field.blurred(sigma: 16 * scale))
        var out = drawn
        // Without the buffers, every access to a field of the tuples would copy it, and count references, pixel by pixel.
        out.data.withUnsafeMutableBufferPointer { target in
            near.0.data.withUnsafeBufferPointer { nearKnown in
                near.1.data.withUnsafeBufferPointer { nearField in
                    far.0.data.withUnsafeBufferPointer { farKnown in
                        far.1.data.withUnsafeBufferPointer { farField in
                            for i in 0..<plane {
                                let total = nearKnown[i] + 0.05 * farKnown[i] + 1e-4
                                for c in 0..<3 {
                                    let at = c * plane + i
                                    let shift = (nearField[at] + 0.05 * farField[at]) / total
                                    target[at] += min(limit, max(-limit, shift))
                                }
                            }
                        }
                    }
                }
            }
        }
        return out
    }
}
