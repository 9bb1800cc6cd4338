import Faces
import Imaging
import Training

/// A print on a mask that is cut out of a photo: a face turned, moved, enlarged and given other colours, or its light and dark in two
/// colours. Drawn patterns repeat themselves and soon tell a network what cloth is; what a photo shows could be anything.
struct MaskPrint {
    private let map: AffineTransform2D
    /// Which channel each colour shows, and whether inverted.
    private let channels: [(source: Int, isInverted: Bool)]
    /// The two colours, and the brightness that parts them; nil prints the picture as it is.
    private let colours: (dark: [Float], light: [Float], edge: Float)?
    /// Opacity of the print.
    private let strength: Float

    /// - Parameter side: of the photo in pixels.
    init(side: Int, using random: inout SampleRandom) {
        let (angle, zoom) = (random.uniform(0, 2 * .pi), random.uniform(0.4, 2.5))
        let centre = Point(Double(side - 1) / 2, Double(side - 1) / 2)
        let reach = 0.25 * Double(side)
        let from = centre + Point(random.uniform(-reach, reach), random.uniform(-reach, reach))
        map = .turning(by: angle, scale: zoom, taking: from, to: centre)
        channels = (0..<3).map { _ in (random.below(3), random.chance(0.5)) }
        func colour() -> [Float] { (0..<3).map { _ in Float(random.uniform(0.03, 0.97)) } }
        let parts = (colour(), colour(), Float(random.uniform(0.25, 0.6)))
        let hasTwoColours = random.chance(0.5)
        colours = hasTwoColours ? parts : nil
        strength = Float(hasTwoColours ? 1 : random.uniform(0.4, 1))
    }

    /// - Parameters:
    ///   - worn: a mask on `photo`.
    ///   - photo: [3, s, s], 0…1; what is printed, and what shows through a soft edge.
    /// - Returns: the masked photo, with folds and shadows on the print; the same where no mask is.
    func draw(on worn: MaskedFace, photo: FloatImage) throws -> FloatImage {
        let picture = try photo.warped(
            by: map, width: photo.width, height: photo.height, border: .reflect)
        var image = worn.image
        let plane = image.width * image.height
        func brightness(_ image: FloatImage, _ i: Int) -> Float {
            (image.data[i] + image.data[plane + i] + image.data[2 * plane + i]) / 3
        }
        var (sum, weight): (Float, Float) = (0, 0)
        for i in 0..<plane where worn.alpha.data[i] > 0 {
            sum += worn.alpha.data[i] * brightness(worn.image, i)
            weight += worn.alpha.data[i]
        }
        guard weight > 0 else { return image }
        let mean = max(sum / weight, 0.02)
        for i in 0..<plane where worn.alpha.data[i] > 0 {
            let alpha = worn.alpha.data[i]
            // What folds, seams and shadows do to the mask's own colour.
            let light = min(max(brightness(worn.image, i) / mean, 0.3), 1.4)
            for channel in 0..<3 {
                let value: Float
                if let colours {
                    value = (brightness(picture, i) < colours.edge ? colours.dark : colours.light)[channel]
                } else {
                    let shown = picture.data[channels[channel].source * plane + i]
                    value = channels[channel].isInverted ? 1 - shown : shown
                }
                let at = channel * plane + i
                let printed = (1 - alpha) * photo.data[at] + alpha * min(1, value * light)
                image.data[at] += strength * (printed - image.data[at])
            }
        }
        return image
    }
}
