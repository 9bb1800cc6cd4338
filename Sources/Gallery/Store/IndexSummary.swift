/// How a gallery's vectors are searched, and how well.
public struct IndexSummary: Codable, Sendable, Equatable {
    /// "exact", "hnsw", "ivfpq".
    public var kind: String
    /// For people: "M 16, efConstruction 100, efSearch 64".
    public var parameters: String
    /// Measured on the gallery's own vectors: share of the true ten nearest that a search finds, 0 to 1. 1 when exact.
    public var recall: Double
    /// Median duration of one search when recall was measured; nil when it was not.
    public var milliseconds: Double?
    /// Memory of vectors and index, in bytes; nil when a server holds it.
    public var memory: Int64?

    public init(kind: String, parameters: String, recall: Double, milliseconds: Double?, memory: Int64?) {
        self.kind = kind
        self.parameters = parameters
        self.recall = recall
        self.milliseconds = milliseconds
        self.memory = memory
    }
}
