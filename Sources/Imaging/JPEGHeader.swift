/// The frame header of a JPEG file (ITU-T T.81, B.2.2): all that must be known before memory is taken.
struct JPEGHeader {
    var width: Int
    var height: Int
    var components: Int
    /// Huffman-coded; else arithmetically.
    var isHuffman: Bool

    /// - Throws: `ImagingError.notAnImage` when the file ends, or its scan begins, before a frame header.
    init(_ bytes: [UInt8], name: String) throws(ImagingError) {
        var at = 2
        while true {
            // Stray bytes before a marker and fill bytes within it are skipped, as decoders do.
            while at < bytes.count, bytes[at] != 0xFF { at += 1 }
            while at < bytes.count, bytes[at] == 0xFF { at += 1 }
            guard at + 2 < bytes.count else { break }
            let marker = bytes[at]
            at += 1
            if marker == 0x00 || marker == 0x01 || (0xD0...0xD8).contains(marker) { continue }
            if marker == 0xD9 || marker == 0xDA { break }
            let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            guard length >= 2 else { break }
            let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
            if isFrame {
                guard length >= 8, at + 8 <= bytes.count else { break }
                height = Int(bytes[at + 3]) << 8 | Int(bytes[at + 4])
                width = Int(bytes[at + 5]) << 8 | Int(bytes[at + 6])
                components = Int(bytes[at + 7])
                isHuffman = marker < 0xC8
                return
            }
            at += length
        }
        throw .notAnImage(name: name, reason: "damaged or truncated JPEG: no frame header")
    }
}
