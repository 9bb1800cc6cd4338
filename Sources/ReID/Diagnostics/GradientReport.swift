/// How the terms of a loss pull at features at one moment: along each feature (radial, its length) and across it
/// (tangential, its direction). Norms are means over the samples, unweighted, of the gradient of the term (itself a mean over
/// the batch) with respect to one sample's feature.
public struct GradientReport: Codable, Sendable, Equatable {
    /// One term at one feature.
    public struct Entry: Codable, Sendable, Equatable {
        /// Name of the term, or `total` for the weighted sum.
        public let term: String
        /// Name of the feature: `raw` or `neck`, say.
        public let feature: String
        /// Of the term in the total.
        public let weight: Double
        /// Mean |g · x| / |x|.
        public let radial: Double
        /// Mean of the norm of what remains of g.
        public let tangential: Double
        /// Mean -g · x / |x|: positive where descent lengthens the features.
        public let lengthening: Double
        /// Share of the radial part in the sum of squares, 0…1; 0 where there is no gradient.
        public let radialShare: Double
    }

    /// Training step, where there is one.
    public let step: Int?
    public let samples: Int
    /// Mean length of each feature, by name.
    public let lengths: [String: Double]
    /// By feature, then by term in their order, then the total.
    public let entries: [Entry]

    /// The entry of a term at a feature; nil when the term does not depend on it.
    public subscript(term: String, at feature: String) -> Entry? {
        entries.first { $0.term == term && $0.feature == feature }
    }
}
