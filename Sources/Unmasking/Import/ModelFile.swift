import Foundation
import Torch

/// The metadata of our model files: `format`, and `configuration` as JSON.
enum ModelFile {
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// - Throws: `UnmaskingError.model` saying what the file is instead and what to do.
    static func configuration<Value: Decodable>(
        _ path: String, format: String, what: String, remedy: String
    ) throws -> Value {
        let metadata = try SafeTensors.metadata(path)
        guard metadata["format"] == format, let text = metadata["configuration"] else {
            throw UnmaskingError.model(
                path: path,
                reason:
                    "not a \(what) (format \(metadata["format"] ?? "absent"), expected \(format)); \(remedy)")
        }
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw UnmaskingError.model(path: path, reason: "its configuration cannot be read: \(error)")
        }
    }
}
