import Foundation
import Torch

/// Our model files: safetensors whose metadata says which kind it is (`format`) and how the network is built
/// (`configuration`, JSON).
package enum ModelFile {
    /// Writes a network with its configuration inside, atomically; `dtype` converts floating-point tensors.
    package static func write(
        _ network: Module, format: String, configuration: some Encodable, to path: String,
        dtype: ScalarType, metadata: [String: String]
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var metadata = metadata
        metadata["format"] = format
        metadata["configuration"] = String(decoding: try encoder.encode(configuration), as: UTF8.self)
        try network.save(to: path, dtype: dtype, metadata: metadata)
    }

    /// The configuration inside a file.
    /// - Parameters:
    ///   - what: the kind expected, with its article, for the error.
    ///   - remedy: what to do when it is another kind.
    ///   - failure: makes the room's own error of a reason.
    /// - Throws: `failure`'s error saying what the file is instead, `TorchError` for a file that cannot be read.
    package static func configuration<Value: Decodable>(
        _ path: String, format: String, what: String, remedy: String, failure: (String) -> any Error
    ) throws -> Value {
        let metadata = try SafeTensors.metadata(path)
        guard metadata["format"] == format, let text = metadata["configuration"] else {
            throw failure(
                "not \(what) (format \(metadata["format"] ?? "absent"), expected \(format)); \(remedy)")
        }
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw failure("its configuration cannot be read: \(error)")
        }
    }
}
