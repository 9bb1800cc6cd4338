import Foundation
import Torch

/// The tensors of a checkpoint by name, whatever file they come from.
///
/// Dictionaries inside dictionaries of a PyTorch file are joined with "/": "g_ema/convs.0.conv.weight".
public struct CheckpointFile {
    public let path: String
    public var tensors: [String: Tensor]
    /// Options and numbers, as text, by the same names: "opts/encoder_type".
    public var values: [String: String]
    /// What the reader did not keep, such as the states of optimisers.
    public var unread: [ImportReport.LeftOut]

    public init(
        path: String, tensors: [String: Tensor], values: [String: String] = [:],
        unread: [ImportReport.LeftOut] = []
    ) {
        self.path = path
        self.tensors = tensors
        self.values = values
        self.unread = unread
    }

    /// Reads a safetensors file directly, and everything else (`.pt`, `.pth`, `.ckpt`, `.tar`) through Python.
    /// - Parameter scratch: folder for a temporary file of about the checkpoint's size.
    /// - Throws: `ImportError`, or `TorchError.file` for a damaged safetensors file.
    public static func read(
        _ path: String, python: CheckpointPython = CheckpointPython(),
        scratch: String = NSTemporaryDirectory()
    ) throws -> CheckpointFile {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ImportError.unreadable(path: path, reason: "no such file")
        }
        if path.hasSuffix(".safetensors") {
            return CheckpointFile(path: path, tensors: try SafeTensors.read(path))
        }
        let temporary = "\(scratch)/semblance-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        try python.convert(path, to: temporary)
        let metadata = try SafeTensors.metadata(temporary)
        let unread = Self.texts(metadata["left_out"]).sorted { $0.key < $1.key }
        return CheckpointFile(
            path: path, tensors: try SafeTensors.read(temporary), values: Self.texts(metadata["values"]),
            unread: unread.map { .init(keys: "\($0.key)/*", count: 0, reason: $0.value) })
    }

    private static func texts(_ json: String?) -> [String: String] {
        json.flatMap { try? JSONDecoder().decode([String: String].self, from: Data($0.utf8)) } ?? [:]
    }

    /// The top-level names, for errors.
    public var outline: String {
        var counts: [String: Int] = [:]
        for key in tensors.keys {
            let top = key.split(separator: "/", maxSplits: 1)
            let stem = top.count == 2 ? "\(top[0])/" : "\(key.split(separator: ".").first ?? "")"
            counts[stem, default: 0] += 1
        }
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = sorted.prefix(8).map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        return shown.isEmpty ? "no tensors" : shown + (sorted.count > 8 ? ", …" : "")
    }
}
