/// How a gallery on a server is searched, as `optimise` chose and measured it.
struct PostgresPlan: Codable, Equatable, Sendable {
    enum Kind: String, Codable, Sendable {
        case exact, hnsw
        /// pgvector's inverted lists keep whole vectors rather than codes.
        case ivfflat
    }

    var kind: Kind
    var connections = 16
    var constructionWidth = 100
    var lists = 0
    /// hnsw.ef_search or ivfflat.probes.
    var width = 0
    var recall = 1.0
    var milliseconds: Double?

    static let exact = PostgresPlan(kind: .exact)

    var summary: IndexSummary {
        let parameters =
            switch kind {
            case .exact: "every vector is compared"
            case .hnsw: "m \(connections), ef_construction \(constructionWidth), ef_search \(width)"
            case .ivfflat: "\(lists) lists, probes \(width)"
            }
        return IndexSummary(
            kind: kind.rawValue, parameters: parameters, recall: recall, milliseconds: milliseconds,
            memory: nil)
    }

    /// Setting of pgvector that says how widely to search.
    var setting: String { kind == .hnsw ? "hnsw.ef_search" : "ivfflat.probes" }
}
