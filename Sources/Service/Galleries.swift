import Foundation
import Gallery
import HTTP

/// The galleries that a service serves: at most one of people and one of faces.
public struct Galleries: Sendable {
    private let stores: [SubjectKind: any GalleryStore]

    /// - Throws: `ServiceError.configuration` for two of one kind.
    public init(_ stores: [any GalleryStore] = []) throws(ServiceError) {
        var byKind: [SubjectKind: any GalleryStore] = [:]
        for store in stores {
            guard byKind.updateValue(store, forKey: store.kind) == nil else {
                throw .configuration("two galleries of kind '\(store.kind.rawValue)'; serve one of each")
            }
        }
        self.stores = byKind
    }

    var all: [any GalleryStore] { stores.values.sorted { $0.kind.rawValue < $1.kind.rawValue } }

    /// The gallery that a request names.
    /// - Throws: `HTTPProblem` (404) when none of that kind is served.
    func store(_ kind: String?) throws(HTTPProblem) -> any GalleryStore {
        guard let kind = kind.flatMap(SubjectKind.init(rawValue:)), let store = stores[kind] else {
            throw HTTPProblem(
                .notFound,
                "no such gallery is served (there: \(all.isEmpty ? "none" : all.map(\.kind.rawValue).joined(separator: ", ")))"
            )
        }
        return store
    }

    /// - Throws: `GalleryError.otherModel` for a gallery of other models than those served.
    func check(_ facts: ModelFacts) throws(GalleryError) {
        for store in all {
            try store.require(
                kind: store.kind, model: facts.embeddingModel(store.kind, unmasked: store.model.unmasked))
        }
    }
}
