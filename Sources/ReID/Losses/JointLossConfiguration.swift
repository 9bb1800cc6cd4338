import Configuration

/// What `JointLoss` is made of. The default is joint discriminative and metric learning without a margin: a normalised
/// softmax on the feature after the neck, and batch-hard triplets on the raw, un-normalised one.
///
/// A term of weight 0 is neither built nor calculated.
public struct JointLossConfiguration: Configurable, Equatable {
    /// Which feature a term sees.
    public enum Feature: String, Codable, Sendable, CaseIterable {
        /// Before the neck, un-normalised.
        case raw
        /// After the neck (batch normalisation); what retrieval compares.
        case neck
    }

    public struct Classifier: Codable, Sendable, Equatable {
        public enum Kind: String, Codable, Sendable, CaseIterable {
            /// `SoftmaxLoss`, linear.
            case softmax
            /// `CosineSoftmaxLoss` without a margin.
            case cosine
            /// `CosineSoftmaxLoss` with an additive angular margin.
            case arcface
            /// `CosineSoftmaxLoss` with an additive cosine margin.
            case cosface
            /// `CircleSoftmaxLoss`.
            case circle
        }

        public var kind = Kind.cosine
        public var weight = 1.0
        public var feature = Feature.neck
        /// Factor of the cosines; nil is 30, or 64 for `circle`. Without meaning for `softmax`.
        public var scale: Double?
        /// Whether the scale is trained from that value (cosine, arcface, cosface).
        public var learnsScale = false
        /// Nil is 0.5 radians for `arcface`, 0.35 for `cosface` and `circle`. Without meaning for `softmax` and `cosine`.
        public var margin: Double?
        /// For `arcface`: the margin holds for angles below π/2 only.
        public var easyMargin = false
        /// 0 ..< 1
        public var labelSmoothing = 0.1

        public init() {}
    }

    public struct Triplet: Codable, Sendable, Equatable {
        public enum Kind: String, Codable, Sendable, CaseIterable {
            /// `BatchHardTripletLoss`
            case batchHard
            /// `BatchAllTripletLoss`, mean over the active ones
            case batchAll
            /// `WeightedTripletLoss`
            case weighted
        }

        public var kind = Kind.batchHard
        public var weight = 1.0
        public var feature = Feature.raw
        /// In units of the distance; nil is the soft margin.
        public var margin: Double? = 0.3
        /// Whether the feature is scaled to length 1 first; then this term too has no gradient along the feature.
        public var normalises = false

        public init() {}
    }

    /// `CirclePairLoss`
    public struct Circle: Codable, Sendable, Equatable {
        public var weight = 0.0
        public var feature = Feature.neck
        public var scale = 128.0
        public var margin = 0.25

        public init() {}
    }

    /// `CenterLoss`
    public struct Centre: Codable, Sendable, Equatable {
        public var weight = 0.0
        public var feature = Feature.raw
        /// Of the centres towards a batch, 0 … 1.
        public var rate = 0.5

        public init() {}
    }

    /// `AttributeHeads`
    public struct Attributes: Codable, Sendable, Equatable {
        public var weight = 0.0
        public var feature = Feature.neck
        /// 0: every image counts the same; 1: every class of an attribute counts the same, however rare. See
        /// `AttributeHeads.classWeights`.
        public var balance = 0.5
        /// Whether the confidences of all attributes re-weight each prediction.
        public var hasAttention = false

        public init() {}
    }

    public var classifier = Classifier()
    public var triplet = Triplet()
    public var circle = Circle()
    public var centre = Centre()
    public var attributes = Attributes()

    public init() {}

    public func validate() throws(ConfigurationError) {
        let weights = [
            ("classifier", classifier.weight), ("triplet", triplet.weight), ("circle", circle.weight),
            ("centre", centre.weight), ("attributes", attributes.weight),
        ]
        for (name, weight) in weights where !(weight >= 0 && weight.isFinite) {
            throw ConfigurationError("loss \(name).weight is \(weight); expected a number of at least 0")
        }
        guard weights.contains(where: { $0.1 > 0 }) else {
            throw ConfigurationError("every loss has weight 0; give at least one term a positive weight")
        }
        func check(_ name: String, _ value: Double?, _ range: ClosedRange<Double>) throws(ConfigurationError)
        {
            guard let value, !range.contains(value) else { return }
            throw ConfigurationError(
                "loss \(name) is \(value); expected \(range.lowerBound) … \(range.upperBound)")
        }
        let positive = Double.leastNormalMagnitude...1e6
        try check("classifier.scale", classifier.scale, positive)
        try check("classifier.margin", classifier.margin, 0...(classifier.kind == .arcface ? .pi / 2 : 1))
        try check("classifier.labelSmoothing", classifier.labelSmoothing, 0...1.0.nextDown)
        try check("triplet.margin", triplet.margin, 0...1e6)
        try check("circle.scale", circle.scale, positive)
        try check("circle.margin", circle.margin, 0...1)
        try check("centre.rate", centre.rate, 0...1)
        try check("attributes.balance", attributes.balance, 0...1)
        // A margin that has no effect would be reported with a result that it did not shape.
        if let margin = classifier.margin, margin != 0, [.softmax, .cosine].contains(classifier.kind) {
            throw ConfigurationError(
                "loss classifier.margin is \(margin), but kind '\(classifier.kind.rawValue)' has none; choose arcface, cosface or circle"
            )
        }
        if classifier.learnsScale, [.softmax, .circle].contains(classifier.kind) {
            throw ConfigurationError(
                "loss classifier.learnsScale: kind '\(classifier.kind.rawValue)' has no scale to learn; choose cosine, arcface or cosface"
            )
        }
    }
}
