import Imaging
import Training

/// Random brightness, contrast, saturation and hue, in random order; the strengths mean what they mean in torchvision.
public struct ColourJitter: Codable, Sendable, Equatable {
    /// Of any change at all; off unless asked for.
    public var probability = 0.0
    /// The factors are uniform in 1 ± strength, not below 0.
    public var brightness = 0.15
    public var contrast = 0.15
    public var saturation = 0.1
    /// Share of the colour circle, at most 0.5, either way.
    public var hue = 0.0

    public init() {}

    func apply(to image: inout Image, using random: inout SampleRandom) {
        guard random.chance(probability) else { return }
        for kind in random.shuffled([0, 1, 2, 3]) {
            switch kind {
            case 0 where brightness > 0: image.adjust(.brightness, factor(brightness, &random))
            case 1 where contrast > 0: image.adjust(.contrast, factor(contrast, &random))
            case 2 where saturation > 0: image.adjust(.saturation, factor(saturation, &random))
            case 3 where hue > 0: image.adjust(.hue, random.uniform(-hue, hue))
            default: break
            }
        }
    }

    private func factor(_ strength: Double, _ random: inout SampleRandom) -> Double {
        random.uniform(max(0, 1 - strength), 1 + strength)
    }
}
