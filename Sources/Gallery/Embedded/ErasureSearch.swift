import Foundation

/// Looks for pieces of deleted data in files, wherever they may be left: in free pages, in gaps, in logs.
///
/// Of each datum, pieces of 32 bytes are looked for, one in every 1024, as SQLite may keep a long value in several pages.
struct ErasureSearch {
    enum Kind: Sendable { case embedding, thumbnail, hash, path }

    struct Piece: Hashable, Sendable {
        let kind: Kind
        let bytes: [UInt8]
    }

    private static let length = 32
    private static let block = 4 << 20
    private(set) var pieces = Set<Piece>()

    var isEmpty: Bool { pieces.isEmpty }

    mutating func remove(_ found: some Sequence<Piece>) { pieces.subtract(found) }

    /// Data that is too short or too regular to be told from others' is left out.
    mutating func add(_ kind: Kind, _ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.length else { return }
        var starts = Array(stride(from: 0, to: bytes.count - Self.length, by: 1024))
        starts.append(bytes.count - Self.length)
        for start in starts {
            let piece = Array(bytes[start..<(start + Self.length)])
            if Set(piece).count >= 12 || kind == .path { pieces.insert(Piece(kind: kind, bytes: piece)) }
        }
    }

    /// The pieces that the files hold, at most `limit` of them. A file that is not there holds none.
    func found(in files: [String], limit: Int = 16) throws(GalleryError) -> Set<Piece> {
        guard !pieces.isEmpty else { return [] }
        var byKey: [UInt64: [Piece]] = [:]
        for piece in pieces {
            let key = piece.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
            byKey[key, default: []].append(piece)
        }
        // One bit per possible key, hashed, tells nearly every place at once that it is none.
        let bits = min(26, max(16, Int.bitWidth - (byKey.count * 64).leadingZeroBitCount))
        var map = [UInt64](repeating: 0, count: (1 << bits) / 64)
        func hash(_ key: UInt64) -> Int {
            Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> (64 - bits))
        }
        for key in byKey.keys { map[hash(key) >> 6] |= 1 << UInt64(hash(key) & 63) }

        var found = Set<Piece>()
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.block + Self.length, alignment: 16)
        defer { buffer.deallocate() }
        for file in files {
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                if errno == ENOENT { continue }
                throw .storage(path: file, reason: "cannot be read: \(String(cString: strerror(errno)))")
            }
            defer { close(descriptor) }
            var kept = 0
            while found.count < limit {
                let count = read(descriptor, buffer.baseAddress! + kept, Self.block)
                guard count >= 0 else {
                    throw .storage(path: file, reason: "cannot be read: \(String(cString: strerror(errno)))")
                }
                if count == 0 { break }
                let end = kept + count
                map.withUnsafeBufferPointer { map in
                    var place = 0
                    while place + Self.length <= end {
                        let key = buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                        let bit = hash(key)
                        if map[bit >> 6] >> UInt64(bit & 63) & 1 != 0, let candidates = byKey[key] {
                            let here = UnsafeRawBufferPointer(
                                rebasing: buffer[place..<(place + Self.length)])
                            for piece in candidates where here.elementsEqual(piece.bytes) {
                                found.insert(piece)
                            }
                        }
                        place += 1
                    }
                }
                // A piece may begin in this block and end in the next.
                kept = min(end, Self.length - 1)
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: buffer[(end - kept)..<end]))
            }
        }
        return found
    }
}
