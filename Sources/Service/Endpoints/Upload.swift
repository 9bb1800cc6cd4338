import Foundation
import HTTP
import Imaging

/// The photos and settings of a request, whichever way they were sent: as a form, or one photo as the body with settings in the
/// query.
struct Upload {
    private let files: [String: [UInt8]]
    let values: FormItems

    /// - Parameters:
    ///   - photos: names of the photos that are taken.
    ///   - settings: names of the settings that are taken.
    /// - Throws: `HTTPProblem`: 415 for another kind of body, 400 for one that is broken or holds something unknown.
    init(_ request: Request, photos: [String], settings: [String]) throws(HTTPProblem) {
        let query = request.target.query
        guard !request.body.isEmpty else {
            files = [:]
            values = query
            try values.allow(settings)
            return
        }
        let type = try request.mediaType()
        switch type?.name {
        case "multipart/form-data":
            guard let boundary = type?.parameters["boundary"] else {
                throw .badRequest("Content-Type names no boundary")
            }
            let form = try MultipartForm(request.body, boundary: boundary)
            var files: [String: [UInt8]] = [:]
            for name in photos { files[name] = try form.file(name) }
            for part in form.parts where part.fileName != nil && !photos.contains(part.name) {
                throw .badRequest(
                    "unknown file '\(part.name.prefix(40))'; expected \(photos.joined(separator: ", "))")
            }
            self.files = files
            values = query.merging(try form.values(except: Set(photos)))
        case "image/jpeg", "image/png", "image/webp", "application/octet-stream":
            guard photos.count == 1 else {
                throw HTTPProblem(
                    .unsupportedMediaType,
                    "this takes \(photos.count) photos: send 'multipart/form-data' with \(photos.joined(separator: ", "))"
                )
            }
            files = [photos[0]: request.body]
            values = query
        default:
            throw HTTPProblem(
                .unsupportedMediaType,
                "send 'multipart/form-data'\(photos.count == 1 ? ", or a photo as image/jpeg, image/png or image/webp" : "")"
            )
        }
        try values.allow(settings)
    }

    func has(_ name: String) -> Bool { files[name] != nil }

    /// The bytes of a photo as they were sent.
    /// - Throws: `HTTPProblem` (400) without it.
    func bytes(_ name: String) throws(HTTPProblem) -> [UInt8] {
        guard let bytes = files[name] else { throw .badRequest("the photo '\(name)' is missing") }
        return bytes
    }

    /// A photo, upright, RGB.
    /// - Throws: `HTTPProblem`: 400 without it, 413 for too many pixels, 422 for what is no photo.
    func photo(_ name: String, _ settings: ServiceSettings) throws(HTTPProblem) -> Image {
        let limits = DecodeLimits(
            maximumPixels: settings.maximumPixels, maximumBytes: settings.maximumBytes)
        do throws(ImagingError) {
            return try Image.decode(bytes(for: name), name: name, limits: limits).rgb()
        } catch {
            switch error {
            case .tooLarge: throw HTTPProblem(.contentTooLarge, "\(error)")
            case .notAnImage: throw HTTPProblem(.unprocessable, "\(error)")
            case .invalidArgument(let text): throw .badRequest(text)
            case .file: throw HTTPProblem(.unprocessable, "the photo '\(name)' cannot be read")
            }
        }
    }

    private func bytes(for name: String) throws(ImagingError) -> [UInt8] {
        guard let bytes = files[name] else { throw .invalidArgument("the photo '\(name)' is missing") }
        return bytes
    }
}
