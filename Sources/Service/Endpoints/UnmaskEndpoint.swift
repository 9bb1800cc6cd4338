import Faces
import Foundation
import HTTP
import Imaging
import Unmasking

/// `POST /v1/unmask`: a photo in, the same without masks out.
struct UnmaskEndpoint: Endpoint {
    let engine: Engine
    let settings: ServiceSettings

    enum Format: String, CaseIterable { case png, jpeg }

    private struct Report: Encodable {
        struct Face: Encodable {
            let box: [Double]
            let score: Double
            let masked: Bool
            let maskShare: Double
            let milliseconds: Double
            /// Closed outlines of the mask in the photo's pixels.
            let outline: [[[Double]]]?
            /// Cosine of the recogniser's embeddings of the face as it is and recovered; nil without a mask.
            let similarity: Double?
        }
        struct Picture: Encodable {
            let type: String
            /// Base64.
            let data: Data
        }
        let width: Int
        let height: Int
        let faces: [Face]
        let image: Picture
    }

    var routes: [Route] {
        [
            Route(
                .post, "/v1/unmask", access: .read, maximumBody: settings.maximumBytes,
                handler: HTTPProblem.translating(answer))
        ]
    }

    private func answer(_ request: Request) throws -> Response {
        let upload = try Upload(request, photos: ["image"], settings: ["format", "outline", "similarity"])
        let format = try upload.values.choice("format", of: Format.self)
        let type = try request.accepted(["application/json", "image/png", "image/jpeg"])
        let wantsOutline = try upload.values.flag("outline") ?? false
        let wantsSimilarity = try upload.values.flag("similarity") ?? false
        let photo = try upload.photo("image", settings)
        let networks = engine.networks(request.cancellation)
        let found = Array(try networks.faces(in: photo).prefix(settings.maximumFaces))
        guard !found.isEmpty else {
            throw HTTPProblem.noFace
        }
        let result = try networks.unmasked(photo, faces: found)
        if type == "image/png" { return Response(type: type, body: try result.image.encodePNG()) }
        if type == "image/jpeg" {
            return Response(type: type, body: try result.image.encodeJPEG(quality: 94))
        }
        let similarities = wantsSimilarity ? try similarities(photo, result, networks) : [:]
        let faces = try result.faces.enumerated().map { index, face in
            Report.Face(
                box: face.detection.box.numbers, score: face.detection.score,
                masked: face.isMasked, maskShare: face.maskShare, milliseconds: face.milliseconds,
                outline: wantsOutline ? try outline(face) : nil, similarity: similarities[index])
        }
        let picture =
            format == .jpeg
            ? Report.Picture(type: "image/jpeg", data: Data(try result.image.encodeJPEG(quality: 94)))
            : Report.Picture(type: "image/png", data: Data(try result.image.encodePNG()))
        return try .json(
            Report(width: photo.width, height: photo.height, faces: faces, image: picture))
    }

    private func outline(_ face: Unmasker.Face) throws -> [[[Double]]] {
        guard face.isMasked else { return [] }
        let back = try face.transform.inverse()
        return face.maskAlpha.contours(at: Float(engine.facts.compositor.settings.alphaThreshold))
            .filter { $0.count >= 12 }
            .map { contour in
                contour.map { point in
                    let place = back.apply(point)
                    return [(place.x * 10).rounded() / 10, (place.y * 10).rounded() / 10]
                }
            }
    }

    /// By the number of the face.
    private func similarities(_ photo: Image, _ result: Unmasker.Result, _ networks: Engine.Networks) throws
        -> [Int: Double]
    {
        let masked = result.faces.indices.filter { result.faces[$0].isMasked }
        let faces = masked.map { result.faces[$0].detection }
        let before = try networks.embeddings(of: faces, in: photo)
        let after = try networks.embeddings(of: faces, in: result.image)
        var similarities: [Int: Double] = [:]
        for (place, index) in masked.enumerated() {
            similarities[index] = FaceComparison.similarity(before[place], after[place])
        }
        return similarities
    }
}
