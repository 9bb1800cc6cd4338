import Gallery
import HTTP

/// `POST /v1/search`: the entries of a gallery most like a photo, or those that match conditions.
struct SearchEndpoint: Endpoint {
    let engine: Engine
    let settings: ServiceSettings
    let galleries: Galleries

    private struct Report: Encodable {
        struct Hit: Encodable {
            let rank: Int
            /// Nil for a search without a photo.
            let similarity: Float?
            let entry: EntryReport
        }
        struct Query: Encodable {
            let box: [Int]?
            let attributes: [String: String]?
        }
        let kind: SubjectKind
        /// What was seen in the photo.
        let query: Query?
        let hits: [Hit]
    }

    var routes: [Route] {
        [
            Route(
                .post, "/v1/search", access: .read, maximumBody: settings.maximumBytes,
                handler: HTTPProblem.translating(answer))
        ]
    }

    private func answer(_ request: Request) throws -> Response {
        let upload = try Upload(
            request, photos: ["image"], settings: FormItems.filterNames + ["kind", "top"])
        guard let kind = try upload.values.value("kind") else {
            throw HTTPProblem.badRequest("'kind' is missing: 'face' or 'person'")
        }
        let store = try galleries.store(kind)
        let filter = try upload.values.filter()
        let top = try upload.values.integer("top", in: 1...1000) ?? 20
        let actor = request.caller.name
        guard upload.has("image") else {
            guard !filter.isEmpty else {
                throw HTTPProblem.badRequest(
                    "a search needs the photo 'image', or at least one condition: \(FormItems.filterNames.joined(separator: ", "))"
                )
            }
            let entries = try store.find(filter, top: top, offset: 0, actor: actor)
            return try .json(
                Report(
                    kind: store.kind, query: nil,
                    hits: entries.enumerated().map {
                        .init(rank: $0 + 1, similarity: nil, entry: EntryReport($1, store.kind))
                    }))
        }
        let photo = try upload.photo("image", settings)
        let subject = try engine.networks(request.cancellation).subjects(
            store.kind, in: photo, unmask: store.model.unmasked, settings: settings)[0]
        try request.cancellation.check()
        let hits = try store.search(subject.embedding, top: top, filter: filter, actor: actor)
        return try .json(
            Report(
                kind: store.kind,
                query: .init(
                    box: subject.box, attributes: subject.attributes.isEmpty ? nil : subject.attributes),
                hits: hits.map {
                    .init(rank: $0.rank, similarity: $0.similarity, entry: EntryReport($0.entry, store.kind))
                }))
    }
}
