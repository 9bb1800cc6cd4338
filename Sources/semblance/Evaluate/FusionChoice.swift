import CommandLineKit
import Faces

/// `--fusion`: a rule and its weight, such as "enrolled:0.5".
struct FusionChoice: ArgumentValue, Equatable {
    enum Kind: String, CaseIterable {
        /// Sums of embeddings, the reference given the same treatment as the probe.
        case enrolled
        /// Sums of embeddings, the reference clean.
        case sum
        /// Mean of the two cosines.
        case scores
        /// The larger cosine.
        case maximum
        /// Mean of two cosines between views of one treatment.
        case both
        /// Mean of the cosines of `scores` and `both`.
        case four
    }

    var kind: Kind
    /// Share of the recovered face, 0…1.
    var weight: Float

    init(_ kind: Kind, weight: Float = 0.5) {
        self.kind = kind
        self.weight = weight
    }

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
        guard let kind = parts.first.flatMap({ Kind(rawValue: $0) }),
            let weight = parts.count > 1 ? Float(parts[1]) : 0.5, (0...1).contains(weight)
        else {
            throw ArgumentError(
                "is not a rule; expected one of \(Kind.allCases.map(\.rawValue).joined(separator: ", ")), with the recovered face's share if wanted, such as enrolled:0.5"
            )
        }
        self.init(kind, weight: weight)
    }

    static var valueName: String { "RULE" }
    var argumentText: String { "\(kind.rawValue):\(weight.argumentText)" }

    var rule: FusionRule {
        let masked = 1 - weight
        switch kind {
        case .enrolled: return .enrolled(recovered: weight)
        case .sum: return .sum(recovered: weight)
        case .scores:
            return FusionRule(
                name: "fused",
                .scores([
                    .init(.clean, .realigned, weight: masked), .init(.clean, .recovered, weight: weight),
                ]))
        case .maximum:
            return FusionRule(
                name: "fused", .maximum([.init(.clean, .realigned), .init(.clean, .recovered)]))
        case .both:
            return FusionRule(
                name: "fused",
                .scores([
                    .init(.enrolledRealigned, .realigned, weight: masked),
                    .init(.enrolledRecovered, .recovered, weight: weight),
                ]))
        case .four:
            return FusionRule(
                name: "fused",
                .scores([
                    .init(.clean, .realigned, weight: masked), .init(.clean, .recovered, weight: weight),
                    .init(.enrolledRealigned, .realigned, weight: masked),
                    .init(.enrolledRecovered, .recovered, weight: weight),
                ]))
        }
    }
}
