import Foundation

/// NumPy's .npy format, versions 1 to 3, C order, little-endian.
public enum NPY {
    private static let descriptors: [(String, ScalarType)] = [
        ("<f4", .float32), ("<f8", .float64), ("<f2", .float16), ("<i8", .int64), ("<i4", .int32),
        ("<i2", .int16),
        ("|i1", .int8), ("|u1", .uint8), ("|b1", .bool),
    ]

    public static func read(_ path: String, device: Device = .cpu) throws(TorchError) -> Tensor {
        let data: [UInt8]
        do { data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) } catch {
            throw .file(
                path: path,
                reason: FileManager.default.fileExists(atPath: path) ? "cannot be read" : "no such file")
        }
        guard data.count >= 12, Array(data[0..<6]) == [0x93] + Array("NUMPY".utf8) else {
            throw .file(path: path, reason: "not a .npy file")
        }
        guard (1...3).contains(data[6]) else {
            throw .file(
                path: path, reason: "format version \(data[6]).\(data[7]) is not supported: expected 1 to 3")
        }
        let wide = data[6] >= 2
        let length =
            wide
            ? (0..<4).reduce(0) { $0 | Int(data[8 + $1]) << (8 * $1) } : Int(data[8]) | Int(data[9]) << 8
        let start = (wide ? 12 : 10) + length
        guard start <= data.count else { throw .file(path: path, reason: "the header is truncated") }
        let header = String(decoding: data[(wide ? 12 : 10)..<start], as: UTF8.self)
        func field(_ pattern: String) -> String? {
            guard let expression = try? NSRegularExpression(pattern: pattern),
                let match = expression.firstMatch(
                    in: header, range: NSRange(header.startIndex..., in: header)),
                let range = Range(match.range(at: 1), in: header)
            else { return nil }
            return String(header[range])
        }
        guard let descriptor = field(#"'descr'\s*:\s*'([^']+)'"#),
            let order = field(#"'fortran_order'\s*:\s*(\w+)"#),
            let shapeText = field(#"'shape'\s*:\s*\(([^)]*)\)"#)
        else { throw .file(path: path, reason: "malformed header \(header)") }
        guard let dtype = descriptors.first(where: { $0.0 == descriptor })?.1 else {
            throw .file(path: path, reason: "element type \(descriptor) is not supported")
        }
        guard order == "False" else {
            throw .file(path: path, reason: "Fortran order is not supported: save a C-order copy")
        }
        var shape: [Int] = []
        var size = dtype.byteCount
        for text in shapeText.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) })
        where !text.isEmpty {
            guard let dim = Int(text), dim >= 0, !size.multipliedReportingOverflow(by: dim).overflow else {
                throw .file(path: path, reason: "malformed or too large shape (\(shapeText))")
            }
            shape.append(dim)
            size *= dim
        }
        guard data.count - start == size else {
            throw .file(
                path: path, reason: "shape \(shape) needs \(size) bytes, the file has \(data.count - start)")
        }
        let outcome: Result<Tensor, TorchError> = data.withUnsafeBytes { raw in
            do throws(TorchError) {
                return .success(
                    try Tensor(
                        bytes: UnsafeRawBufferPointer(rebasing: raw[start...]), shape: shape, dtype: dtype,
                        device: device))
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// Writes version 1.0, atomically. bfloat16 has no NumPy type: convert first.
    public static func write(_ tensor: Tensor, to path: String) throws(TorchError) {
        guard let descriptor = descriptors.first(where: { $0.1 == tensor.dtype })?.0 else {
            throw .file(path: path, reason: "dtype \(tensor.dtype) has no NumPy equivalent: convert first")
        }
        let shape = tensor.shape
        let tuple =
            shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.map(String.init).joined(separator: ", ")))"
        var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(tuple), }"
        // NumPy leaves room for the first dimension to grow to 21 digits; with it, the files are the same bytes.
        if let first = shape.first { header += String(repeating: " ", count: max(0, 21 - "\(first)".count)) }
        header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
        let length = header.utf8.count
        guard length <= UInt16.max else {
            throw .file(
                path: path,
                reason: "a shape of \(shape.count) dimensions does not fit a header of version 1.0")
        }
        let prefix: [UInt8] =
            [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
            + Array(header.utf8)
        var index = 0
        try AtomicFile.write(to: path) { () throws(TorchError) in
            defer { index += 1 }
            return index == 0 ? prefix : index == 1 ? try tensor.bytes() : nil
        }
    }
}
