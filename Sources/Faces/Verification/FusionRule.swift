/// How the views of two photos become one similarity.
///
/// Of the first photo, the known person's, as of the second, the probe, several embeddings may speak. Every term compares one view of
/// each by cosine.
public struct FusionRule: Sendable, Equatable {
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

    public enum Combination: String, Sendable {
        /// Weighted mean of the terms' cosines.
        case scores
        /// Largest of the terms' weighted cosines.
        case maximum
        /// Cosine between the references' and the probes' weighted sums, each scaled to unit length.
        case embeddings
    }

    public var name: String
    public var terms: [Term]
    public var combination: Combination

    public init(name: String, terms: [Term], combination: Combination = .scores) {
        self.name = name
        self.terms = terms
        self.combination = combination
    }

    /// One view of the probe against the clean reference.
    public static func single(_ view: PhotoView) -> FusionRule {
        FusionRule(name: view.rawValue, terms: [Term(.clean, view)])
    }

    /// Views that it needs of the first photo.
    public var referenceViews: Set<PhotoView> { Set(terms.map(\.reference)) }
    /// Views that it needs of the second photo.
    public var probeViews: Set<PhotoView> { Set(terms.map(\.probe)) }

    /// What the first photo is compared by: the similarity is the largest dot product between vectors of one index.
    public func referenceVectors(_ photo: VerificationPair.Photo, _ embeddings: PhotoEmbeddings)
        throws(FacesError) -> [[Float]]
    {
        try vectors(photo, embeddings, \.reference, isWeighted: false)
    }

    /// What the second photo is compared by.
    public func probeVectors(_ photo: VerificationPair.Photo, _ embeddings: PhotoEmbeddings)
        throws(FacesError)
        -> [[Float]]
    {
        try vectors(photo, embeddings, \.probe, isWeighted: true)
    }

    private func vectors(
        _ photo: VerificationPair.Photo, _ embeddings: PhotoEmbeddings, _ side: KeyPath<Term, PhotoView>,
        isWeighted: Bool
    ) throws(FacesError) -> [[Float]] {
        var rows: [[Float]] = []
        for term in terms { rows.append(try embeddings.row(photo, term[keyPath: side]).values) }
        switch combination {
        case .scores:
            // A weighted sum of cosines is one dot product of the embeddings set side by side.
            let total = terms.reduce(0) { $0 + $1.weight }
            var all: [Float] = []
            for (row, term) in zip(rows, terms) {
                let weight = isWeighted ? term.weight / total : 1
                all += row.map { $0 * weight }
            }
            return [all]
        case .maximum:
            return zip(rows, terms).map { row, term in isWeighted ? row.map { $0 * term.weight } : row }
        case .embeddings:
            var sum = [Float](repeating: 0, count: rows.first?.count ?? 0)
            var seen = Set<PhotoView>()
            for (row, term) in zip(rows, terms) where isWeighted || seen.insert(term[keyPath: side]).inserted
            {
                let weight = isWeighted ? term.weight : 1
                for i in sum.indices { sum[i] += weight * row[i] }
            }
            let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return [sum.map { $0 / max(length, 1e-12) }]
        }
    }

    /// The similarity of two photos.
    public static func similarity(_ a: [[Float]], _ b: [[Float]]) -> Float {
        zip(a, b).reduce(-Float.infinity) { best, pair in
            max(best, zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * $1.1 })
        }
    }
}
