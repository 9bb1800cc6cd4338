import Faces
import Gallery
import HTTP

/// `POST /v1/embed`: a face or a person to a vector.
struct EmbedEndpoint: Endpoint {
    let engine: Engine
    let settings: ServiceSettings

    private struct Report: Encodable {
        struct Entry: Encodable {
            let box: [Int]?
            let score: Double?
            let attributes: [String: String]?
            let embedding: [Float]
        }
        let kind: SubjectKind
        let model: EmbeddingModel
        let embeddings: [Entry]
    }

    var routes: [Route] {
        [
            Route(
                .post, "/v1/embed", access: .read, maximumBody: settings.maximumBytes,
                handler: HTTPProblem.translating(answer))
        ]
    }

    private func answer(_ request: Request) throws -> Response {
        let upload = try Upload(request, photos: ["image"], settings: ["kind", "faces", "unmask"])
        guard let kind = try upload.values.choice("kind", of: SubjectKind.self) else {
            throw HTTPProblem.badRequest("'kind' is missing: 'face' or 'person'")
        }
        let choice = try upload.values.choice("faces", of: FaceChoice.self) ?? .main
        let unmask = try upload.values.flag("unmask") ?? false
        let isAboutFaces = try unmask || upload.values.value("faces") != nil
        guard kind == .face || !isAboutFaces else {
            throw HTTPProblem.badRequest("'faces' and 'unmask' are for faces")
        }
        let photo = try upload.photo("image", settings)
        let subjects = try engine.networks(request.cancellation).subjects(
            kind, in: photo, faces: choice, unmask: unmask, settings: settings)
        return try .json(
            Report(
                kind: kind, model: engine.facts.embeddingModel(kind, unmasked: unmask),
                embeddings: subjects.map {
                    Report.Entry(
                        box: $0.box, score: $0.score, attributes: $0.attributes.isEmpty ? nil : $0.attributes,
                        embedding: $0.embedding)
                }))
    }
}
