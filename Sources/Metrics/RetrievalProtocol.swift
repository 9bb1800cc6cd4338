/// Which gallery images count for a query, and how often the gallery is drawn.
public enum RetrievalProtocol: Sendable, Equatable {
    /// Market-1501 (Zheng et al. 2015) and most others: images of the query's person by the query's camera are left out;
    /// the first correct match decides the CMC.
    case market1501
    /// CUHK03's first protocol: as above, and the CMC averages over `repeats` random galleries with one image per person.
    /// AP and INP use the whole gallery.
    case cuhk03(repeats: Int = 10, seed: UInt64 = 0)
}

/// How average precision is integrated.
public enum AveragePrecision: Sendable, Equatable {
    /// Mean of the precision at each correct match.
    case standard
    /// Trapezoids between the precision at and just before each correct match, as in Market-1501's first evaluation code.
    case trapezoid
}
