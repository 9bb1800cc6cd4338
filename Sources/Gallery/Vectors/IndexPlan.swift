import Foundation

/// How a gallery is searched, as `optimise` chose and measured it. Kept in the database.
struct IndexPlan: Codable, Equatable, Sendable {
    enum Kind: String, Codable, Sendable { case exact, hnsw, ivfpq }

    /// Tells one optimisation from another.
    var stamp = UUID().uuidString
    var kind: Kind
    /// HNSW: links per row and level, width while building and while searching.
    var connections = 32
    var constructionWidth = 100
    var width = 64
    /// IVF-PQ: number of lists, bytes per code, lists that a search looks into, entries ranked again by their vectors.
    var lists = 0
    var parts = 0
    var probes = 1
    var candidates = 0
    var recall = 1.0
    var milliseconds: Double?

    static let exact = IndexPlan(kind: .exact)

    var parameters: String {
        switch kind {
        case .exact: "every vector is compared"
        case .hnsw: "M \(connections), efConstruction \(constructionWidth), efSearch \(width)"
        case .ivfpq:
            "\(lists) lists, \(parts) bytes per code, nprobe \(probes), \(candidates) ranked again"
        }
    }
}
