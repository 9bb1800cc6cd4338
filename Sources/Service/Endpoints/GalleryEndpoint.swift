import Faces
import Foundation
import Gallery
import HTTP
import Resources

/// `/v1/gallery…`: what is stored, adding to it and deleting from it.
struct GalleryEndpoint: Endpoint {
    let engine: Engine
    let settings: ServiceSettings
    let galleries: Galleries

    var routes: [Route] {
        func route(
            _ method: HTTPMethod, _ path: String, _ access: Access, maximumBody: Int = 0,
            _ handler: @escaping @Sendable (Request) throws -> Response
        ) -> Route {
            Route(
                method, "/v1/gallery\(path)", access: access, maximumBody: maximumBody,
                handler: HTTPProblem.translating(handler))
        }
        return [
            route(.get, "", .read, list),
            route(.get, "/{kind}/statistics", .read, statistics),
            route(.get, "/{kind}/audit", .admin, audit),
            route(.get, "/{kind}/entries", .read, find),
            route(.post, "/{kind}/entries", .write, maximumBody: settings.maximumBytes, add),
            route(.delete, "/{kind}/entries", .write, deleteMany),
            route(.get, "/{kind}/entries/{id}", .read, entry),
            route(.delete, "/{kind}/entries/{id}", .write, deleteOne),
            route(.get, "/{kind}/entries/{id}/thumbnail", .read, thumbnail),
        ]
    }

    private func store(_ request: Request) throws(HTTPProblem) -> any GalleryStore {
        try galleries.store(request.parameters["kind"])
    }

    private func id(_ request: Request) throws(HTTPProblem) -> Int64 {
        guard let id = request.parameters["id"].flatMap({ Int64($0) }), id > 0 else {
            throw HTTPProblem(.notFound, "an entry's id is a whole number from 1")
        }
        return id
    }

    private func list(_ request: Request) throws -> Response {
        struct Item: Encodable {
            let kind: SubjectKind
            let model: EmbeddingModel
            let images: Int
            let identities: Int
            /// Attributes that the model predicts, with their classes.
            let attributes: [String: [String]]
        }
        try request.target.query.allow([])
        let items = try galleries.all.map { store in
            let statistics = try store.statistics()
            let schema = store.kind == .person ? engine.facts.personSchema : []
            return Item(
                kind: store.kind, model: store.model, images: statistics.images,
                identities: statistics.identities,
                attributes: Dictionary(schema.map { ($0.name, $0.classes) }) { first, _ in first })
        }
        return try .json(["galleries": items])
    }

    private func statistics(_ request: Request) throws -> Response {
        struct Report: Encodable {
            let kind: SubjectKind
            let model: EmbeddingModel
            let images: Int
            let identities: Int
            let unidentified: Int
            let cameras: [String: Int]
            let earliest: Date?
            let latest: Date?
            let thumbnails: Int
            let bytes: Int64
        }
        try request.target.query.allow([])
        let found = try store(request).statistics()
        return try .json(
            Report(
                kind: found.kind, model: found.model, images: found.images, identities: found.identities,
                unidentified: found.unidentified,
                cameras: Dictionary(found.cameras.map { ("\($0.key)", $0.value) }) { first, _ in first },
                earliest: found.earliest, latest: found.latest, thumbnails: found.thumbnails,
                bytes: found.bytes))
    }

    private func audit(_ request: Request) throws -> Response {
        let query = request.target.query
        try query.allow(["after", "limit"])
        let records = try store(request).audit(
            after: Int64(try query.integer("after", in: 0...Int.max) ?? 0),
            limit: try query.integer("limit", in: 1...1000) ?? 100)
        return try .json(["records": records])
    }

    private func find(_ request: Request) throws -> Response {
        let query = request.target.query
        try query.allow(FormItems.filterNames + ["top", "offset"])
        let store = try store(request)
        let entries = try store.find(
            query.filter(), top: query.integer("top", in: 1...1000) ?? 50,
            offset: query.integer("offset", in: 0...1_000_000_000) ?? 0, actor: request.caller.name)
        return try .json(["entries": entries.map { EntryReport($0, store.kind) }])
    }

    private func entry(_ request: Request) throws -> Response {
        try request.target.query.allow([])
        let store = try store(request)
        guard let entry = try store.entry(id(request)) else {
            throw HTTPProblem(.notFound, "there is no such entry")
        }
        return try .json(EntryReport(entry, store.kind))
    }

    private func thumbnail(_ request: Request) throws -> Response {
        try request.target.query.allow([])
        guard let picture = try store(request).thumbnail(id(request)) else {
            throw HTTPProblem(.notFound, "there is no such thumbnail")
        }
        return Response(type: "image/jpeg", body: picture)
    }

    private func add(_ request: Request) throws -> Response {
        struct Report: Encodable {
            let added: Int
            let duplicates: Int
            let entries: [EntryReport]
        }
        let store = try store(request)
        let upload = try Upload(
            request, photos: ["image"], settings: ["identity", "camera", "time", "attributes", "faces"])
        let values = upload.values
        let identity = try values.value("identity").flatMap { $0.isEmpty ? nil : $0 }
        let choice = try values.choice("faces", of: FaceChoice.self) ?? .main
        guard choice == .main || identity == nil else {
            throw HTTPProblem.badRequest("'identity' names one person: it does not go with 'faces' 'all'")
        }
        let choosesFaces = try values.value("faces") != nil
        guard store.kind == .face || !choosesFaces else {
            throw HTTPProblem.badRequest("'faces' is for galleries of faces")
        }
        let given = try values.filter().attributes
        let photo = try upload.photo("image", settings)
        let sha256 = SHA256.of(try upload.bytes("image"))
        let subjects = try engine.networks(request.cancellation).subjects(
            store.kind, in: photo, faces: choice, unmask: store.model.unmasked, settings: settings)
        try request.cancellation.check()
        let camera = try values.integer("camera", in: 0...1_000_000)
        let time = try values.date("time")
        let entries = try subjects.map { subject in
            NewGalleryEntry(
                // Uploads have no place in the file system: nothing but the thumbnail is kept of the picture.
                identity: identity, path: "upload:\(sha256.prefix(16))", sha256: sha256, camera: camera,
                time: time, box: subject.box,
                attributes: subject.attributes.merging(given.map { ($0.name, $0.value) }) { _, new in new },
                embedding: subject.embedding,
                thumbnail: try subject.picture.thumbnail(side: settings.thumbnailSide))
        }
        let report = try store.add(entries, actor: request.caller.name)
        let stored = try report.ids.compactMap { try store.entry($0) }
        return try .json(
            Report(
                added: report.added, duplicates: report.duplicates.count,
                entries: stored.map { EntryReport($0, store.kind) }),
            status: report.added > 0 ? .created : .ok)
    }

    private func deleteOne(_ request: Request) throws -> Response {
        try request.target.query.allow([])
        let report = try store(request).delete(.image(id(request)), actor: request.caller.name)
        guard report.images > 0 else { throw HTTPProblem(.notFound, "there is no such entry") }
        return try .json(report)
    }

    private func deleteMany(_ request: Request) throws -> Response {
        let query = request.target.query
        try query.allow(["identity", "before"])
        let store = try store(request)
        let identity = try query.value("identity").flatMap { $0.isEmpty ? nil : $0 }
        switch (identity, try query.date("before")) {
        case (let identity?, nil):
            return try .json(store.delete(.person(identity), actor: request.caller.name))
        case (nil, let date?): return try .json(store.delete(.before(date), actor: request.caller.name))
        default:
            throw HTTPProblem(
                .unprocessable, "say what to delete: either 'identity' or 'before', not both")
        }
    }
}
