import Configuration
import Foundation
import Torch

/// Adaptive discriminator augmentation (Karras et al. 2020): everything that the discriminator sees, real and drawn, is changed at
/// random, each change with probability p, so that it cannot learn a small data set by heart. As long as p stays well below 1 the
/// generator does not learn the changes: pictures without them remain the most frequent kind ("non-leaking").
public struct DiscriminatorAugmentation: Codable, Sendable, Equatable {
    /// Factors on p; 0 leaves a change out.
    public var mirror = 1.0
    public var quarterTurn = 1.0
    public var shift = 1.0
    public var scaling = 1.0
    public var rotation = 1.0
    public var stretching = 1.0
    public var translation = 1.0
    public var brightness = 1.0
    public var contrast = 1.0
    public var lumaFlip = 1.0
    public var hue = 1.0
    public var saturation = 1.0

    /// p at the start.
    public var initial = 0.0
    /// The mean sign of the discriminator's answers to training images, r_t, that p is steered to; nil keeps p.
    public var target: Double? = 0.6
    /// Steps between adjustments.
    public var interval = 4
    /// Images over which p could go from 0 to 1.
    public var images = 500_000.0
    /// p never exceeds this; changes begin to leak above 0.8.
    public var limit = 0.8

    public init() {}

    /// Missing keys keep their defaults; `target: null` keeps p.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        let factors: [(CodingKeys, WritableKeyPath<Self, Double>)] = [
            (.mirror, \.mirror), (.quarterTurn, \.quarterTurn), (.shift, \.shift), (.scaling, \.scaling),
            (.rotation, \.rotation), (.stretching, \.stretching), (.translation, \.translation),
            (.brightness, \.brightness), (.contrast, \.contrast), (.lumaFlip, \.lumaFlip), (.hue, \.hue),
            (.saturation, \.saturation), (.initial, \.initial), (.images, \.images), (.limit, \.limit),
        ]
        for (key, path) in factors { try values.read(key, into: &self[keyPath: path]) }
        if values.contains(.target) { target = try values.decodeIfPresent(Double.self, forKey: .target) }
        try values.read(.interval, into: &interval)
    }

    /// - Throws: `ConfigurationError` naming the setting that cannot work.
    public func validate() throws(ConfigurationError) {
        let factors = [
            mirror, quarterTurn, shift, scaling, rotation, stretching, translation, brightness, contrast,
            lumaFlip, hue, saturation,
        ]
        guard factors.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw ConfigurationError("augmentation factors \(factors): expected none below 0")
        }
        guard (0...1).contains(limit), (0...limit).contains(initial), interval > 0, images > 0,
            (-1...1).contains(target ?? 0)
        else {
            throw ConfigurationError(
                "augmentation initial \(initial), limit \(limit), target \(target.map { "\($0)" } ?? "null"), interval \(interval), images \(images): expected 0 <= initial <= limit <= 1, a target in -1…1 or null, and a positive interval and number of images"
            )
        }
    }

    /// Random changes for a batch.
    /// - Parameter p: their probability, 0…1.
    public func draws(_ count: Int, p: Double, generator: Generator) throws(TorchError) -> [AugmentationDraw]
    {
        let (chances, amounts, normals) = (13, 6, 6)
        let width = chances + amounts
        let uniform = try Tensor.rand([count, width], generator: generator).floats()
        let normal = try Tensor.randn([count, normals + 1], generator: generator).floats()
        return (0..<count).map { index in
            let chance = { (n: Int) in Double(uniform[index * width + n]) }
            let amount = { (n: Int) in Double(uniform[index * width + chances + n]) }
            let gauss = { (n: Int) in Double(normal[index * (normals + 1) + n]) }
            let power = { (n: Int, spread: Double) in exp(gauss(n) * spread * log(2)) }
            // Two rotations, each rarer, so that either happens with probability p.
            let turning = 1 - max(0, 1 - p * rotation).squareRoot()
            var draw = AugmentationDraw()
            if chance(0) < p * mirror { draw.isMirrored = amount(0) < 0.5 }
            if chance(1) < p * quarterTurn { draw.quarterTurns = min(3, Int(amount(1) * 4)) }
            if chance(2) < p * shift {
                (draw.shiftX, draw.shiftY) = ((amount(2) - 0.5) * 0.25, (amount(3) - 0.5) * 0.25)
            }
            if chance(3) < p * scaling { draw.scale = power(0, 0.2) }
            if chance(4) < turning { draw.turn = (2 * chance(4) / turning - 1) * .pi }
            if chance(5) < p * stretching { draw.stretch = power(1, 0.2) }
            if chance(6) < turning { draw.lateTurn = (2 * chance(6) / turning - 1) * .pi }
            if chance(7) < p * translation {
                (draw.offsetX, draw.offsetY) = (gauss(2) * 0.125, gauss(3) * 0.125)
            }
            if chance(8) < p * brightness { draw.brightness = gauss(4) * 0.2 }
            if chance(9) < p * contrast { draw.contrast = power(5, 0.5) }
            if chance(10) < p * lumaFlip { draw.isLumaFlipped = amount(4) < 0.5 }
            if chance(11) < p * hue { draw.hue = (2 * amount(5) - 1) * .pi }
            if chance(12) < p * saturation { draw.saturation = power(6, 1) }
            return draw
        }
    }
}
