import Foundation

/// The safetensors format: 8 bytes little-endian header length, a JSON header of
/// `{"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {…}}`, then the data.
public enum SafeTensors {
    private struct Entry: Codable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    /// In the order in which the format's own library lays tensors out: wide elements first keeps each aligned, which
    /// some readers insist on.
    private static let names: [(ScalarType, String)] = [
        (.int64, "I64"), (.float64, "F64"), (.float32, "F32"), (.int32, "I32"), (.bfloat16, "BF16"),
        (.float16, "F16"), (.int16, "I16"), (.int8, "I8"), (.uint8, "U8"), (.bool, "BOOL"),
    ]

    /// Every tensor of the file, by name, in its stored dtype.
    /// - Throws: `TorchError.file` when the file is absent, truncated, malformed, or holds a dtype that is not supported.
    public static func read(_ path: String, device: Device = .cpu) throws(TorchError) -> [String: Tensor] {
        let (entries, _, data, start) = try open(path)
        var tensors: [String: Tensor] = [:]
        var ranges: [(begin: Int, end: Int, name: String)] = []
        for (name, entry) in entries {
            guard let dtype = names.first(where: { $0.1 == entry.dtype })?.0 else {
                throw .file(
                    path: path, reason: "tensor '\(name)' has dtype \(entry.dtype), which is not supported")
            }
            guard entry.data_offsets.count == 2, entry.shape.allSatisfy({ $0 >= 0 }) else {
                throw .file(path: path, reason: "tensor '\(name)' has a malformed header entry")
            }
            let (begin, end) = (entry.data_offsets[0], entry.data_offsets[1])
            var size = dtype.byteCount
            for dim in entry.shape {
                let (product, overflow) = size.multipliedReportingOverflow(by: dim)
                guard !overflow else {
                    throw .file(path: path, reason: "tensor '\(name)' of shape \(entry.shape) is too large")
                }
                size = product
            }
            guard begin >= 0, end >= begin, end <= data.count - start, end - begin == size else {
                throw .file(
                    path: path,
                    reason:
                        "tensor '\(name)' (\(entry.shape), \(entry.dtype)) needs \(size) bytes at \(begin)..<\(end), "
                        + "the file has \(data.count - start): it is truncated or damaged")
            }
            ranges.append((begin, end, name))
            tensors[name] = try bytes(of: data, start + begin, size) { (buffer) throws(TorchError) in
                try Tensor(bytes: buffer, shape: entry.shape, dtype: dtype, device: device)
            }
        }
        ranges.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
        for (first, second) in zip(ranges, ranges.dropFirst()) where second.begin < first.end {
            throw .file(
                path: path,
                reason: "tensors '\(first.name)' and '\(second.name)' overlap: the file is damaged")
        }
        return tensors
    }

    private static func bytes<Result>(
        of data: Data, _ offset: Int, _ count: Int,
        _ body: (UnsafeRawBufferPointer) throws(TorchError) -> Result
    ) throws(TorchError) -> Result {
        let outcome: Swift.Result<Result, TorchError> = data.withUnsafeBytes { raw in
            do throws(TorchError) {
                return .success(try body(UnsafeRawBufferPointer(rebasing: raw[offset..<(offset + count)])))
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// The file's `__metadata__`.
    public static func metadata(_ path: String) throws(TorchError) -> [String: String] {
        try open(path).metadata
    }

    private static func open(
        _ path: String
    ) throws(TorchError) -> (entries: [(String, Entry)], metadata: [String: String], data: Data, start: Int) {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) } catch {
            throw .file(
                path: path,
                reason: FileManager.default.fileExists(atPath: path) ? "cannot be read" : "no such file")
        }
        guard data.count >= 8 else {
            throw .file(path: path, reason: "\(data.count) bytes: not a safetensors file")
        }
        let length = data.prefix(8).enumerated().reduce(UInt64(0)) {
            $0 | UInt64($1.element) << (8 * UInt64($1.offset))
        }
        guard length <= UInt64(data.count - 8), length < 100_000_000 else {
            throw .file(
                path: path,
                reason: "header of \(length) bytes in a file of \(data.count): truncated or not safetensors")
        }
        let start = 8 + Int(length)
        guard let object = try? JSONSerialization.jsonObject(with: Data(data[8..<start])),
            let header = object as? [String: Any]
        else {
            throw .file(
                path: path, reason: "the header is not a JSON object: not a safetensors file, or damaged")
        }
        var entries: [(String, Entry)] = []
        for (name, value) in header.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
            guard let fields = value as? [String: Any], let dtype = fields["dtype"] as? String,
                let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int]
            else { throw .file(path: path, reason: "tensor '\(name)' has a malformed header entry") }
            entries.append((name, Entry(dtype: dtype, shape: shape, data_offsets: offsets)))
        }
        let metadata = (header["__metadata__"] as? [String: String]) ?? [:]
        return (entries, metadata, data, start)
    }

    /// Writes the bytes that Python's safetensors writes: tensors by dtype, widest first, then by name. Atomic.
    public static func write(
        _ tensors: [String: Tensor], to path: String, metadata: [String: String] = [:]
    ) throws(TorchError) {
        let places = names.map(\.0)
        let sorted = tensors.sorted {
            let (left, right) = (places.firstIndex(of: $0.value.dtype), places.firstIndex(of: $1.value.dtype))
            return (left ?? 0, $0.key) < (right ?? 0, $1.key)
        }
        var fields: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (name, tensor) in sorted {
            guard let dtype = names.first(where: { $0.0 == tensor.dtype })?.1 else {
                throw .file(
                    path: path, reason: "tensor '\(name)' has dtype \(tensor.dtype), which is not supported")
            }
            let end = offset + tensor.count * tensor.dtype.byteCount
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            fields.append(
                #"\#(quoted(name)):{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(offset),\#(end)]}"#
            )
            offset = end
        }
        var json = Array("{\(fields.joined(separator: ","))}".utf8)
        while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
        let length = UInt64(json.count)
        let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + json
        var index = -1
        try AtomicFile.write(to: path) { () throws(TorchError) in
            defer { index += 1 }
            if index < 0 { return prefix }
            return index < sorted.count ? try sorted[index].value.bytes() : nil
        }
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20: out += String(format: "\\u%04x", scalar.value)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
