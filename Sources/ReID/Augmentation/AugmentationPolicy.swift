import Foundation
import Imaging
import Training

/// A few random operations of random kind and strength (Cubuk et al. 2020, "RandAugment"): what learned policies come down to
/// without learning one.
public struct AugmentationPolicy: Codable, Sendable, Equatable {
    /// Of any change at all; off unless asked for.
    public var probability = 0.0
    /// Operations in a row, drawn with replacement.
    public var operations = 2
    /// Strength of the strongest operation, 0…1; each is uniform up to it.
    public var magnitude = 0.5

    public init() {}

    /// What may be drawn. Geometry moves the person, colours stay recognisable as such.
    enum Operation: CaseIterable {
        case brightness, contrast, saturation, sharpness, solarise, posterise, autoContrast, equalise
        case rotation, shearX, shearY
    }

    func apply(to image: inout Image, using random: inout SampleRandom)
        throws(ImagingError)
    {
        guard random.chance(probability) else { return }
        for _ in 0..<operations {
            guard let operation = random.element(of: Operation.allCases) else { return }
            let strength = random.uniform(0, magnitude)
            let sign = random.chance(0.5) ? 1.0 : -1.0
            switch operation {
            case .brightness: image.adjust(.brightness, 1 + sign * 0.9 * strength)
            case .contrast: image.adjust(.contrast, 1 + sign * 0.9 * strength)
            case .saturation: image.adjust(.saturation, 1 + sign * 0.9 * strength)
            case .sharpness: image.adjust(.sharpness, 1 + sign * 0.9 * strength)
            case .solarise: image.adjust(.solarise, 256 * (1 - strength))
            case .posterise: image.adjust(.posterise, 8 - (4 * strength).rounded(.down))
            case .autoContrast: image.adjust(.autoContrast, 0)
            case .equalise: image.adjust(.equalise, 0)
            case .rotation:
                let angle = sign * strength * .pi / 6
                try warp(&image, cos(angle), -sin(angle), sin(angle), cos(angle))
            case .shearX: try warp(&image, 1, sign * 0.3 * strength, 0, 1)
            case .shearY: try warp(&image, 1, 0, sign * 0.3 * strength, 1)
            }
        }
    }

    /// Maps the plane by [[a, b], [d, e]] about the image's centre; what comes from outside is grey.
    private func warp(_ image: inout Image, _ a: Double, _ b: Double, _ d: Double, _ e: Double)
        throws(ImagingError)
    {
        let (x, y) = (Double(image.width - 1) / 2, Double(image.height - 1) / 2)
        let map = AffineTransform2D(a: a, b: b, c: x - a * x - b * y, d: d, e: e, f: y - d * x - e * y)
        image = try image.warped(
            by: map, width: image.width, height: image.height,
            border: .constant(PersonAugmentation.meanColour[1]))
    }
}
