import Foundation
import Resources

/// Embeddings on disk, so that a study that changes one thing computes that thing only, and a run that was stopped goes on.
///
/// One file for every recogniser, view and settings; its name ends in a digest of them, its head tells them in words. Records are
/// appended: length and bytes of the photo's name, flags, numbers, and a check sum. A torn last record is dropped.
public final class EmbeddingCache {
    private let folder: String

    /// - Throws: `FacesError.invalidArgument` when the folder cannot be made.
    public init(folder: String) throws(FacesError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .invalidArgument(
                "\(folder): the cache folder cannot be made: \(error.localizedDescription)")
        }
        self.folder = folder
    }

    /// - Parameters:
    ///   - name: begins the file's name, such as "sface-masked".
    ///   - signature: everything that the embeddings depend on.
    public func table(_ name: String, signature: String, dimension: Int) throws(FacesError) -> Table {
        var digest = SHA256()
        digest.update(Array("\(name)\n\(signature)\n\(dimension)".utf8))
        return try Table(
            path: "\(folder)/\(name)-\(digest.hexDigest().prefix(12)).embeddings", signature: signature,
            dimension: dimension)
    }

    /// One file of the cache.
    public final class Table {
        static let magic = "semblance-embeddings-1"

        public let path: String
        public let dimension: Int
        private var rows: [String: PhotoEmbeddings.Row] = [:]
        private let file: FileHandle

        public var count: Int { rows.count }

        public subscript(name: String) -> PhotoEmbeddings.Row? { rows[name] }

        init(path: String, signature: String, dimension: Int) throws(FacesError) {
            self.path = path
            self.dimension = dimension
            let head = Array("\(Self.magic)\n\(signature.replacing("\n", with: " "))\n\(dimension)\n".utf8)
            do {
                let known = FileManager.default.contents(atPath: path).map { [UInt8]($0) } ?? []
                var end = 0
                if known.count >= head.count, known.prefix(head.count).elementsEqual(head) {
                    end = Self.parse(known, from: head.count, dimension: dimension, into: &rows)
                }
                if end == 0 {
                    try Data(head).write(to: URL(fileURLWithPath: path), options: .atomic)
                    end = head.count
                }
                file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
                try file.truncate(atOffset: UInt64(end))
                try file.seekToEnd()
            } catch {
                throw .invalidArgument("\(path): the cache cannot be used: \(error.localizedDescription)")
            }
        }

        deinit { try? file.close() }

        /// Keeps a row, on disk before this returns.
        public func keep(_ row: PhotoEmbeddings.Row, for name: String) throws(FacesError) {
            let text = Array(name.utf8)
            guard row.values.count == dimension, text.count <= 65_535 else {
                throw .invalidArgument(
                    "\(path): a row of \(row.values.count) numbers for '\(name)', expected \(dimension)")
            }
            var bytes: [UInt8] = [UInt8(text.count & 255), UInt8(text.count >> 8)]
            bytes += text
            bytes.append((row.hasFace ? 1 : 0) | (row.isTreated ? 2 : 0))
            for value in row.values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
            withUnsafeBytes(of: Self.checkSum(bytes[...]).littleEndian) { bytes += $0 }
            do { try file.write(contentsOf: Data(bytes)) } catch {
                throw .invalidArgument("\(path): the cache cannot be written: \(error.localizedDescription)")
            }
            rows[name] = row
        }

        /// - Returns: where the last whole record ends.
        private static func parse(
            _ bytes: [UInt8], from start: Int, dimension: Int, into rows: inout [String: PhotoEmbeddings.Row]
        ) -> Int {
            var position = start
            while position + 2 <= bytes.count {
                let length = Int(bytes[position]) | Int(bytes[position + 1]) << 8
                let body = 2 + length + 1 + 4 * dimension
                guard position + body + 4 <= bytes.count else { break }
                let record = bytes[position..<(position + body)]
                guard UInt32(bytes, at: position + body) == checkSum(record) else { break }
                let flags = bytes[position + 2 + length]
                let numbers = position + 3 + length
                rows[String(decoding: record[(position + 2)..<(position + 2 + length)], as: UTF8.self)] =
                    .init(
                        values: (0..<dimension).map {
                            Float(bitPattern: UInt32(bytes, at: numbers + 4 * $0))
                        },
                        hasFace: flags & 1 != 0, isTreated: flags & 2 != 0)
                position += body + 4
            }
            return position
        }

        /// FNV-1a.
        private static func checkSum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
            bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        }
    }
}

extension UInt32 {
    /// Little-endian.
    fileprivate init(_ bytes: [UInt8], at position: Int) {
        self = (0..<4).reduce(0) { $0 | UInt32(bytes[position + $1]) << UInt32(8 * $1) }
    }
}
