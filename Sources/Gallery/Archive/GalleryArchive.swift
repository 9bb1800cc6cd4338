import Foundation

/// A gallery as plain files, to be kept, moved or read by other programs:
///
/// - `gallery.json`: the kind, the model, the number of images, and the parts with the SHA-256 of their files;
/// - `entries-00001.jsonl`, …: one entry a line, with `thumbnail` saying whether there is one;
/// - `vectors-00001.safetensors`, …: of the same entries in the same order `embeddings` [N, D], float32, and, where there are
///   thumbnails, `thumbnails` [bytes], uint8, JPEG after JPEG, with `thumbnailEnds` [N], int64: where each one ends.
///
/// Times are in ISO 8601 with all their digits: what is imported again equals what was exported, but for new ids.
public struct GalleryArchive: Sendable {
    struct Manifest: Codable, Equatable {
        static let format = "semblance-gallery-1"

        var format = Self.format
        var kind: SubjectKind
        var model: EmbeddingModel
        var images = 0
        var parts: [Part] = []
    }

    struct Part: Codable, Equatable {
        var images: Int
        var entries: String
        var entriesSHA256: String
        var vectors: String
        var vectorsSHA256: String
    }

    /// A line of `entries-….jsonl`.
    struct Line: Codable {
        var entry: GalleryEntry
        var thumbnail: Bool

        private enum Key: CodingKey { case thumbnail }

        init(_ record: GalleryRecord) {
            entry = record.entry
            thumbnail = record.thumbnail != nil
        }

        init(from decoder: any Decoder) throws {
            entry = try GalleryEntry(from: decoder)
            thumbnail = try decoder.container(keyedBy: Key.self).decode(Bool.self, forKey: .thumbnail)
        }

        func encode(to encoder: any Encoder) throws {
            try entry.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(thumbnail, forKey: .thumbnail)
        }
    }

    static let manifestName = "gallery.json"

    public let folder: String
    let manifest: Manifest

    public var kind: SubjectKind { manifest.kind }
    public var model: EmbeddingModel { manifest.model }
    public var images: Int { manifest.images }

    init(folder: String, manifest: Manifest) {
        self.folder = folder
        self.manifest = manifest
    }

    static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(GalleryTime.exactText(date))
        }
        return encoder
    }

    static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = GalleryTime.exactDate(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no time")
            }
            return date
        }
        return decoder
    }
}
