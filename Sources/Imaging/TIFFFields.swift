/// The fields of a TIFF block, which is how EXIF metadata is stored. Offsets that lead out of the block read as nothing.
struct TIFFFields {
    private let data: [UInt8]
    private let isLittleEndian: Bool

    /// Nil for bytes that begin like no TIFF block.
    init?(_ block: ArraySlice<UInt8>) {
        data = Array(block)
        guard data.count >= 8 else { return nil }
        isLittleEndian = data[0] == 0x49 && data[1] == 0x49
        guard isLittleEndian || (data[0] == 0x4D && data[1] == 0x4D) else { return nil }
    }

    /// Where the first directory is.
    var firstDirectory: Int { number(4, 4) }

    /// A field's value of 16 bits; nil without the field.
    func short(_ tag: Int, in directory: Int) -> Int? { field(tag, directory).map { number($0 + 8, 2) } }

    /// A field's value of 32 bits, such as the offset of another directory; nil without the field.
    func long(_ tag: Int, in directory: Int) -> Int? { field(tag, directory).map { number($0 + 8, 4) } }

    /// A field of ASCII text, without what follows its first NUL; nil without the field.
    func text(_ tag: Int, in directory: Int) -> String? {
        guard let field = field(tag, directory), number(field + 2, 2) == 2 else { return nil }
        let count = number(field + 4, 4)
        let start = count <= 4 ? field + 8 : number(field + 8, 4)
        guard (1...1024).contains(count), start + count <= data.count else { return nil }
        return String(decoding: data[start..<(start + count)].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Where the 12 bytes are that describe a field.
    private func field(_ tag: Int, _ directory: Int) -> Int? {
        (0..<min(number(directory, 2), 512)).lazy.map { directory + 2 + 12 * $0 }
            .first { number($0, 2) == tag }
    }

    private func number(_ offset: Int, _ count: Int) -> Int {
        guard offset >= 0, offset + count <= data.count else { return 0 }
        return (0..<count).reduce(0) { value, k in
            value << 8 | Int(data[isLittleEndian ? offset + count - 1 - k : offset + k])
        }
    }
}
