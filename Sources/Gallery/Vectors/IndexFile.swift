import Foundation

/// The index of a gallery in a file beside it: a graph, or inverted lists. Vectors are not in it; those are in the database,
/// and with them the file can be made anew at any time.
///
/// Layout: "SMBLIDX1", the header's length (8 bytes, little-endian), the header as JSON, arrays, and a checksum of all
/// before (8 bytes).
struct IndexFile {
    struct Header: Codable, Equatable {
        /// The gallery's own identifier.
        var gallery: String
        /// `IndexPlan.stamp`.
        var stamp: String
        var kind: IndexPlan.Kind
        var dimension: Int
        /// Number of entries in the index: all up to `lastID` that the gallery has.
        var count: Int
        var lastID: Int64
        /// Sum of the digests of their vectors.
        var digest: UInt64
        /// The gallery's counter of changes when the file was made.
        var changes: Int64
        var entry: Int32 = -1
        var connections = 0
        var constructionWidth = 0
        var lists = 0
        var parts = 0
        /// Length of each array in bytes.
        var sizes: [Int] = []
    }

    private static let magic = Array("SMBLIDX1".utf8)

    var header: Header
    private var arrays: [Data]

    // MARK: contents

    init(_ header: Header, graph: HNSWGraph.Arrays) {
        self.header = header
        self.header.entry = graph.entry
        arrays = [Self.data(graph.levels), Self.data(graph.links)]
        self.header.sizes = arrays.map(\.count)
    }

    init(_ header: Header, lists: InvertedLists.Arrays) {
        self.header = header
        arrays = [
            Self.data(lists.coarse), Self.data(lists.fine), Self.data(lists.sizes), Self.data(lists.ids),
            Data(lists.codes),
        ]
        self.header.sizes = arrays.map(\.count)
    }

    func graph() throws(GalleryError) -> HNSWGraph {
        guard header.kind == .hnsw, arrays.count == 2 else { throw .index(reason: "it holds no graph") }
        let graph = try HNSWGraph(
            dimension: header.dimension, connections: header.connections,
            constructionWidth: header.constructionWidth)
        try graph.restore(
            .init(entry: header.entry, levels: Self.array(arrays[0]), links: Self.array(arrays[1])))
        guard graph.count == header.count else {
            throw .index(reason: "the graph has \(graph.count) rows, expected \(header.count)")
        }
        return graph
    }

    func lists() throws(GalleryError) -> InvertedLists {
        guard header.kind == .ivfpq, arrays.count == 5 else {
            throw .index(reason: "it holds no inverted lists")
        }
        let lists = try InvertedLists(
            dimension: header.dimension, lists: header.lists, parts: header.parts)
        try lists.restore(
            .init(
                coarse: Self.array(arrays[0]), fine: Self.array(arrays[1]), sizes: Self.array(arrays[2]),
                ids: Self.array(arrays[3]), codes: Array(arrays[4])))
        guard lists.count == header.count else {
            throw .index(reason: "the lists have \(lists.count) entries, expected \(header.count)")
        }
        return lists
    }

    // MARK: files

    static func path(of gallery: String) -> String { gallery + ".index" }

    /// Writes the file completely or not at all. Readable by the owner only, as the gallery is.
    func write(to path: String) throws(GalleryError) {
        guard let json = try? JSONEncoder().encode(header) else {
            throw .index(reason: "the header cannot be written")
        }
        var length = UInt64(json.count).littleEndian
        var digest = RowDigest()
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be created") }
        var isClosed = false
        do throws(GalleryError) {
            for piece in [Data(Self.magic), Data(bytes: &length, count: 8), json] + arrays {
                piece.withUnsafeBytes { digest.update($0) }
                try Self.write(piece, to: descriptor, path)
            }
            var sum = digest.value.littleEndian
            try Self.write(Data(bytes: &sum, count: 8), to: descriptor, path)
            guard fsync(descriptor) == 0 else { throw Self.failure(path, "cannot be flushed") }
            isClosed = true
            guard close(descriptor) == 0 else { throw Self.failure(path, "cannot be closed") }
            guard rename(temporary, path) == 0 else { throw Self.failure(path, "cannot be replaced") }
        } catch {
            if !isClosed { close(descriptor) }
            unlink(temporary)
            throw error
        }
        Folder.flush(containing: path)
    }

    /// - Returns: nil when there is no file.
    /// - Throws: `GalleryError.index` for a file that is cut short, damaged or none of ours.
    static func read(_ path: String) throws(GalleryError) -> IndexFile? {
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
            throw failure(path, "cannot be read")
        }
        let damaged = GalleryError.index(reason: "\(path) is damaged; it can be made anew")
        guard data.count >= 24, data.prefix(8).elementsEqual(magic) else { throw damaged }
        func number(at offset: Int) -> UInt64 {
            data.withUnsafeBytes {
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
        }
        let length = number(at: 8)
        guard length <= UInt64(data.count - 24),
            let header = try? JSONDecoder().decode(Header.self, from: data[16..<(16 + Int(length))])
        else { throw damaged }
        var arrays: [Data] = []
        var start = 16 + Int(length)
        for size in header.sizes {
            guard size >= 0, size <= data.count - 8 - start else { throw damaged }
            arrays.append(data[start..<(start + size)])
            start += size
        }
        guard start == data.count - 8 else { throw damaged }
        var digest = RowDigest()
        for piece in [data[0..<8], data[8..<16], data[16..<(16 + Int(length))]] + arrays {
            piece.withUnsafeBytes { digest.update($0) }
        }
        guard digest.value == number(at: start) else { throw damaged }
        return IndexFile(header: header, arrays: arrays)
    }

    private init(header: Header, arrays: [Data]) {
        self.header = header
        self.arrays = arrays
    }

    private static func data<Element: BitwiseCopyable>(_ array: [Element]) -> Data {
        array.withUnsafeBytes { Data($0) }
    }

    private static func array<Element: BitwiseCopyable>(_ data: Data) -> [Element] {
        let size = MemoryLayout<Element>.stride
        return [Element](unsafeUninitializedCapacity: data.count / size) { buffer, count in
            data.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes.prefix(data.count / size * size)))
            }
            count = data.count / size
        }
    }

    private static func write(_ data: Data, to descriptor: Int32, _ path: String) throws(GalleryError) {
        var offset = 0
        while offset < data.count {
            let written = data.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + offset, data.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw failure(path, "cannot be written")
            }
            offset += written
        }
    }

    private static func failure(_ path: String, _ what: String) -> GalleryError {
        .storage(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
    }
}

/// The folder that a file is in.
enum Folder {
    /// Makes new names in it survive a power cut.
    static func flush(containing path: String) {
        let descriptor = open(folder(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Files beside `path` whose names begin with its name and `suffix`, and end with ".tmp", left by processes that are gone.
    static func leftovers(of path: String, suffix: String) -> [String] {
        let folder = folder(path)
        let prefix = URL(fileURLWithPath: path).lastPathComponent + suffix
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in
            guard name.hasPrefix(prefix), name.hasSuffix(".tmp") else { return false }
            let parts = name.dropFirst(prefix.count).dropLast(4).split(separator: ".")
            guard let process = parts.first.flatMap({ Int32($0) }) else { return false }
            return process != getpid() && kill(process, 0) != 0 && errno == ESRCH
        }.sorted().map { "\(folder)/\($0)" }
    }

    private static func folder(_ path: String) -> String {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return folder.isEmpty ? "." : folder
    }
}
