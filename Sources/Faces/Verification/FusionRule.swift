/// How the views of two photos become one similarity.
///
/// Of the first photo, the known person's, as of the second, the probe, several embeddings may speak.
public struct FusionRule: Sendable, Equatable {
    /// The cosine between one view of each photo.
    public struct Term: Sendable, Equatable {
        public var reference: PhotoView
        public var probe: PhotoView
        public var weight: Float

        public init(_ reference: PhotoView = .clean, _ probe: PhotoView, weight: Float = 1) {
            self.reference = reference
            self.probe = probe
            self.weight = weight
        }
    }

    /// A view's share of a sum.
    public struct Part: Sendable, Equatable {
        public var view: PhotoView
        public var weight: Float

        public init(_ view: PhotoView, weight: Float = 1) {
            self.view = view
            self.weight = weight
        }
    }

    public enum Combination: Sendable, Equatable {
        /// Weighted mean of cosines.
        case scores([Term])
        /// Largest of the weighted cosines.
        case maximum([Term])
        /// Cosine between two weighted sums of embeddings.
        case embeddings(references: [Part], probes: [Part])
    }

    public var name: String
    public var combination: Combination
    /// How the two sums are compared; nil takes the cosine. Rules of several terms have no sums.
    public var comparison: JointComparison?

    /// Parts and terms of weight 0 are left out where others remain: their views need not be made.
    public init(name: String, _ combination: Combination) {
        self.name = name
        func kept<Value>(_ values: [Value], _ weight: (Value) -> Float) -> [Value] {
            let some = values.filter { weight($0) != 0 }
            return some.isEmpty ? values : some
        }
        switch combination {
        case .scores(let terms): self.combination = .scores(kept(terms, \.weight))
        case .maximum: self.combination = combination
        case .embeddings(let references, let probes):
            self.combination = .embeddings(
                references: kept(references, \.weight), probes: kept(probes, \.weight))
        }
    }

    /// One view of the probe against the clean reference.
    public static func single(_ view: PhotoView) -> FusionRule {
        FusionRule(name: view.rawValue, .scores([Term(.clean, view)]))
    }

    /// The probe's masked (realigned) and recovered face, added as unit vectors, against the clean reference.
    /// - Parameter share: of the recovered face, 0…1.
    public static func sum(recovered share: Float = 0.5) -> FusionRule {
        FusionRule(
            name: "fused",
            .embeddings(
                references: [Part(.clean)],
                probes: [Part(.realigned, weight: 1 - share), Part(.recovered, weight: share)]))
    }

    /// As `sum`, with the same treatment on both sides: to the clean reference is added, with the same weight in all, the reference wearing
    /// a plain mask and that mask recovered. What a mask and its recovery do to every face is then in both sums, and only the person
    /// tells them apart. Nothing about the probe is needed for it: references are enrolled once.
    /// - Parameter share: of the recovered face, 0…1.
    public static func enrolled(recovered share: Float = 0.5) -> FusionRule {
        FusionRule(
            name: "fused",
            .embeddings(
                references: [
                    Part(.clean), Part(.enrolledRealigned, weight: 1 - share),
                    Part(.enrolledRecovered, weight: share),
                ], probes: [Part(.realigned, weight: 1 - share), Part(.recovered, weight: share)]))
    }

    /// Views that it needs of the first photo.
    public var referenceViews: Set<PhotoView> {
        switch combination {
        case .scores(let terms), .maximum(let terms): Set(terms.map(\.reference))
        case .embeddings(let references, _): Set(references.map(\.view))
        }
    }

    /// Views that it needs of the second photo.
    public var probeViews: Set<PhotoView> {
        switch combination {
        case .scores(let terms), .maximum(let terms): Set(terms.map(\.probe))
        case .embeddings(_, let probes): Set(probes.map(\.view))
        }
    }

    /// The one embedding on each side, as views with their weights; nil for rules of several terms.
    private var sides: (references: [Part], probes: [Part])? {
        switch combination {
        case .embeddings(let references, let probes): (references, probes)
        case .scores(let terms) where terms.count == 1:
            ([Part(terms[0].reference)], [Part(terms[0].probe)])
        case .scores, .maximum: nil
        }
    }

    /// Tells rules apart in files: views and weights of both sides, such as "clean:1.0 realigned:0.5+recovered:0.5".
    public var signature: String {
        func text(_ parts: [Part]) -> String {
            parts.map { "\($0.view.rawValue):\($0.weight)" }.joined(separator: "+")
        }
        func text(_ terms: [Term]) -> String {
            terms.map { "\($0.reference.rawValue)*\($0.probe.rawValue):\($0.weight)" }.joined(separator: "+")
        }
        switch combination {
        case .embeddings(let references, let probes): return "\(text(references)) \(text(probes))"
        case .scores(let terms) where terms.count == 1:
            return "\(text([Part(terms[0].reference)])) \(text([Part(terms[0].probe)]))"
        case .scores(let terms): return "scores \(text(terms))"
        case .maximum(let terms): return "maximum \(text(terms))"
        }
    }

    /// The reference's embedding, of unit length.
    /// - Throws: `FacesError.invalidArgument` for a rule of several terms, or a view that is missing.
    public func referenceSum(_ photo: VerificationPair.Photo, _ embeddings: PhotoEmbeddings)
        throws(FacesError) -> [Float]
    {
        try Self.sum(oneOnEachSide().references, of: photo, embeddings)
    }

    /// The probe's embedding, of unit length.
    /// - Throws: `FacesError.invalidArgument` for a rule of several terms, or a view that is missing.
    public func probeSum(_ photo: VerificationPair.Photo, _ embeddings: PhotoEmbeddings) throws(FacesError)
        -> [Float]
    {
        try Self.sum(oneOnEachSide().probes, of: photo, embeddings)
    }

    private func oneOnEachSide() throws(FacesError) -> (references: [Part], probes: [Part]) {
        guard let sides else {
            throw .invalidArgument(
                "a learned comparison compares one embedding on each side, but \(signature) has several terms"
            )
        }
        return sides
    }

    /// What the first photo is compared by: the similarity is the largest dot product between vectors of one index.
    public func referenceVectors(_ photo: VerificationPair.Photo, _ embeddings: PhotoEmbeddings)
        throws(FacesError) -> [[Float]]
    {
        if let comparison {
            return [try comparison.left(referenceSum(photo, embeddings), as: .reference)]
        }
        switch combination {
        case .embeddings: return [try referenceSum(photo, embeddings)]
        case .scores(let terms):
            // A weighted sum of cosines is one dot product of the embeddings set side by side.
            var all: [Float] = []
            for term in terms { all += try embeddings.row(photo, term.reference).values }
            return [all]
        case .maximum(let terms):
            var all: [[Float]] = []
            for term in terms { all.append(try embeddings.row(photo, term.reference).values) }
            return all
        }
    }

    /// What the second photo is compared by.
    public func probeVectors(_ photo: VerificationPair.Photo, _ embeddings: PhotoEmbeddings)
        throws(FacesError) -> [[Float]]
    {
        if let comparison { return [try comparison.right(probeSum(photo, embeddings), as: .probe)] }
        switch combination {
        case .embeddings: return [try probeSum(photo, embeddings)]
        case .scores(let terms):
            let total = terms.reduce(0) { $0 + $1.weight }
            var all: [Float] = []
            for term in terms {
                all += try embeddings.row(photo, term.probe).values.map { $0 * term.weight / total }
            }
            return [all]
        case .maximum(let terms):
            var all: [[Float]] = []
            for term in terms {
                all.append(try embeddings.row(photo, term.probe).values.map { $0 * term.weight })
            }
            return all
        }
    }

    /// Weighted sum, scaled to unit length.
    private static func sum(
        _ parts: [Part], of photo: VerificationPair.Photo, _ embeddings: PhotoEmbeddings
    ) throws(FacesError) -> [Float] {
        var sum: [Float] = []
        for part in parts {
            let row = try embeddings.row(photo, part.view).values
            if sum.isEmpty { sum = [Float](repeating: 0, count: row.count) }
            for i in sum.indices { sum[i] += part.weight * row[i] }
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / max(length, 1e-12) }
    }

    /// The similarity of two photos.
    public static func similarity(_ a: [[Float]], _ b: [[Float]]) -> Float {
        zip(a, b).reduce(-Float.infinity) { best, pair in
            max(best, zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * $1.1 })
        }
    }

    /// The rule for photos that wear their own masks, or none: both sides are treated alike, and compared by cosines.
    public var forWornMasks: FusionRule {
        func worn(_ view: PhotoView) -> PhotoView {
            switch view {
            case .recovered, .enrolledRecovered: .recovered
            case .realigned, .enrolledRealigned: .realigned
            default: .clean
            }
        }
        func term(_ term: Term) -> Term { Term(worn(term.probe), worn(term.probe), weight: term.weight) }
        var rule = self
        rule.comparison = nil
        switch combination {
        case .scores(let terms): rule.combination = .scores(terms.map(term))
        case .maximum(let terms): rule.combination = .maximum(terms.map(term))
        case .embeddings(_, let probes):
            let parts = probes.map { Part(worn($0.view), weight: $0.weight) }
            rule.combination = .embeddings(references: parts, probes: parts)
        }
        return rule
    }
}

extension Set<PhotoView> {
    /// All views that rules need, on either side.
    public init(of rules: [FusionRule]) {
        self = rules.reduce(into: []) { $0.formUnion($1.referenceViews.union($1.probeViews)) }
    }
}
