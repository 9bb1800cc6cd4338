import Foundation

/// `POST /v1/unmask`.
struct Unmasked: Decodable {
    struct Face: Decodable {
        /// [x, y, width, height] in pixels.
        let box: [Double]
        let masked: Bool
        /// Share of the aligned face that the mask covers, 0…1.
        let maskShare: Double
    }
    struct Picture: Decodable {
        let type: String
        /// Base64 in the answer.
        let data: Data
    }
    let faces: [Face]
    let image: Picture
}

/// `POST /v1/verify`.
struct Verified: Decodable {
    let similarity: Double
    let threshold: Double
    let same: Bool
}

/// An entry of a gallery.
struct Entry: Decodable {
    let id: Int64
    let identity: String?
}

/// `POST /v1/gallery/{kind}/entries`.
struct Added: Decodable {
    let added: Int
    let entries: [Entry]
}

/// `POST /v1/search`.
struct Found: Decodable {
    struct Hit: Decodable {
        let rank: Int
        /// Cosine of both embeddings; nil for a search without a photo.
        let similarity: Double?
        let entry: Entry
    }
    let hits: [Hit]
}

/// What the server says when it refuses (RFC 9457).
struct Problem: Decodable, Error, CustomStringConvertible {
    let status: Int
    let detail: String

    var description: String { "the server answered \(status): \(detail)" }
}
