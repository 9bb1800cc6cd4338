import Foundation

/// Random numbers of one sample (SplitMix64, Steele et al. 2014): a value type that background threads can own, with the same
/// sequence on every platform.
public struct SampleRandom: RandomNumberGenerator, Sendable {
    /// What the numbers to come follow from; a generator made with it as its seed continues the sequence.
    public private(set) var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Uniform in [0, 1).
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in [low, high).
    public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

    /// A uniform integer in `0 ..< bound`, without bias; 0 for a bound below 2.
    public mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        let bound = UInt64(bound)
        // Lemire 2019: the rejected low words are those that would make some values more likely.
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// True with probability `p`.
    public mutating func chance(_ p: Double) -> Bool { unit() < p }

    /// Standard normal (Box-Muller).
    public mutating func normal() -> Double {
        (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
    }

    /// Fisher-Yates. Not the standard library's, whose sequence may change between versions.
    public mutating func shuffle<Element>(_ values: inout [Element]) {
        for index in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(index, below(index + 1)) }
    }

    public mutating func shuffled<Element>(_ values: [Element]) -> [Element] {
        var values = values
        shuffle(&values)
        return values
    }

    /// One element.
    public mutating func element<Element>(of values: [Element]) -> Element? {
        values.isEmpty ? nil : values[below(values.count)]
    }
}
