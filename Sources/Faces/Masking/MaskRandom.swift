/// Steele, Lea and Flood's SplitMix64, a small generator whose whole state is its seed, so that equal seeds give equal masks on every
/// platform.
public struct MaskRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// An approximately normal number (mean 0, variance 1): the sum of four 16-bit uniforms, cut off at ±3.46.
    mutating func nextNormal() -> Float {
        let bits = next()
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
        return (Float(sum) / 65535 - 2) * 1.732_050_8
    }
}

extension RandomNumberGenerator {
    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * (Double(next() >> 11) * 0x1p-53)
    }

    mutating func chance(_ probability: Double) -> Bool { uniform(0, 1) < probability }

    /// Normal number by Box and Muller's method.
    mutating func normal(_ mean: Double = 0, _ deviation: Double) -> Double {
        let radius = (-2 * Double.log(max(uniform(0, 1), 1e-12))).squareRoot()
        return mean + deviation * radius * Double.cos(2 * .pi * uniform(0, 1))
    }

    /// One of `choices`, with probability proportional to its weight.
    mutating func pick<Choice>(_ choices: [(Choice, Double)]) -> Choice {
        var left = uniform(0, choices.reduce(0) { $0 + $1.1 })
        for (choice, weight) in choices {
            left -= weight
            if left < 0 { return choice }
        }
        return choices[choices.count - 1].0
    }

    /// A symmetric random number around `value`, `spread` to either side.
    mutating func around(_ value: Double, _ spread: Double) -> Double {
        uniform(value - spread, value + spread)
    }
}
