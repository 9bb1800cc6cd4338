/// How well attributes are recognised; the JSON keys are stable. Fractions in 0...1.
///
/// Two questions need two answers (`AttributeDecision`): `accuracy` is of the class that is likeliest where classes are as
/// frequent as in training; `balancedAccuracy` and `mA` are of an answer that favours rare classes. Both figures of both answers
/// stand under `decisions`.
public struct AttributeReport: Sendable, Equatable, Codable {
    /// What one way to decide reaches in both measures.
    public struct Decision: Sendable, Equatable, Codable {
        public var accuracy: Double
        public var balancedAccuracy: Double
    }

    public struct Attribute: Sendable, Equatable, Codable {
        public var name: String
        public var classes: [String]
        /// Images whose true class is known.
        public var images: Int
        /// Share of the images whose class is right.
        public var accuracy: Double
        /// Mean recall over the classes that occur.
        public var balancedAccuracy: Double
        /// What the best constant answer reaches in `accuracy`: the share of the most frequent true class.
        public var majority: Double
        /// What a constant answer reaches in `balancedAccuracy`: 1 / the number of classes that occur.
        public var majorityBalanced: Double
        /// Keyed by `AttributeDecision`.
        public var decisions: [String: Decision]
    }

    public var images: Int
    public var people: Int
    /// Mean of `balancedAccuracy` over the binary attributes of which both classes occur; absent if there are none.
    public var mA: Double?
    /// Means over the attributes.
    public var accuracy: Double
    public var balancedAccuracy: Double
    public var majority: Double
    public var majorityBalanced: Double
    /// Keyed by `AttributeDecision`.
    public var decisions: [String: Decision]
    public var perAttribute: [Attribute]

    /// A table for people.
    public var lines: [String] {
        func cell(_ value: Double) -> String {
            let tenths = Int((value * 1000).rounded())
            let text = "\(tenths / 10).\(tenths % 10)"
            return String(repeating: " ", count: max(0, 10 - text.count)) + text
        }
        let width = max(9, perAttribute.map(\.name.count).max() ?? 0) + 2
        func name(_ text: String) -> String { text.padded(to: width) }
        var lines = [
            "attributes over \(images) images of \(people) people, in % (accuracy: of the likeliest class; balanced: of an answer that favours rare ones):",
            name("") + "  accuracy  majority  balanced  constant",
        ]
        for one in perAttribute {
            lines.append(
                name(one.name) + cell(one.accuracy) + cell(one.majority) + cell(one.balancedAccuracy)
                    + cell(one.majorityBalanced))
        }
        lines.append(
            name("mean") + cell(accuracy) + cell(majority) + cell(balancedAccuracy) + cell(majorityBalanced))
        if let mA {
            lines.append(
                name("mA") + String(repeating: " ", count: 20) + cell(mA) + "  (binary attributes)")
        }
        return lines
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
