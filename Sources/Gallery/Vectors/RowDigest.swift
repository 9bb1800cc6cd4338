/// A 64-bit checksum against accidents (not against forgery). Sums of digests of rows tell whether two sets of rows are
/// the same, in any order, and can be kept up to date when rows come and go.
struct RowDigest {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func update(_ word: UInt64) {
        // Every step is a bijection of the state for a given word and of the word for a given state: one changed word
        // always changes the result.
        state = (state ^ word) &* 0xD6E8_FEB8_6659_FD93
        state ^= state >> 32
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let whole = bytes.count / 8
        for index in 0..<whole { update(bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)) }
        var rest: UInt64 = 0
        for byte in bytes[(8 * whole)...] { rest = rest << 8 | UInt64(byte) }
        update(rest)
        update(UInt64(bytes.count))
    }

    mutating func update(_ text: String?) {
        guard var text else { return update(0x6E69_6C) }
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    var value: UInt64 { (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9 }

    /// Of one vector.
    static func vector(_ id: Int64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var digest = RowDigest()
        digest.update(UInt64(bitPattern: id))
        digest.update(bytes)
        return digest.value
    }
}
