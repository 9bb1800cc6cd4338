/// What is used of an image file's EXIF metadata: how its pixels become upright, and when it was taken.
struct EXIF {
    /// How stored pixels become upright; raw values as in the EXIF standard.
    enum Orientation: Int {
        case upright = 1, mirrored, turned180, mirroredVertically, transposed, clockwise90, transversed,
            anticlockwise90

        func apply(to image: Image) -> Image {
            guard self != .upright else { return image }
            let (w, h, c) = (image.width, image.height, image.channels)
            let swaps = rawValue >= 5
            var out = Image(width: swaps ? h : w, height: swaps ? w : h, channels: c)
            // Where the first pixel comes from, and how far the source moves per column and per row of the result.
            let (start, column, row): (Int, Int, Int) =
                switch self {
                case .upright: (0, 1, w)
                case .mirrored: (w - 1, -1, w)
                case .turned180: (w * h - 1, -1, -w)
                case .mirroredVertically: (w * (h - 1), 1, -w)
                case .transposed: (0, w, 1)
                case .clockwise90: (w * (h - 1), -w, 1)
                case .transversed: (w * h - 1, -w, -1)
                case .anticlockwise90: (w - 1, w, -1)
                }
            let (width, height) = (out.width, out.height)
            out.pixels.withUnsafeMutableBufferPointer { target in
                image.pixels.withUnsafeBufferPointer { source in
                    // In tiles, so that walking the source by columns stays within the cache.
                    let tile = 64
                    for top in stride(from: 0, to: height, by: tile) {
                        for left in stride(from: 0, to: width, by: tile) {
                            for y in top..<min(top + tile, height) {
                                for x in left..<min(left + tile, width) {
                                    let from = (start + x * column + y * row) * c
                                    let to = (y * width + x) * c
                                    for k in 0..<c { target[to + k] = source[from + k] }
                                }
                            }
                        }
                    }
                }
            }
            return out
        }
    }

    private let fields: TIFFFields

    /// Nil for a file without such metadata.
    init?(in bytes: [UInt8], _ format: ImageFormat) {
        let block =
            switch format {
            case .jpeg: Self.block(ofJPEG: bytes)
            case .png: Self.block(ofPNG: bytes)
            case .webp: Self.block(ofWebP: bytes)
            }
        guard let fields = block.flatMap(TIFFFields.init) else { return nil }
        self.fields = fields
    }

    var orientation: Orientation {
        fields.short(0x0112, in: fields.firstDirectory).flatMap(Orientation.init) ?? .upright
    }

    /// The time of the photo (DateTimeOriginal), with its offset from UTC where there is one.
    var captureTime: (text: String, offset: String?)? {
        guard let directory = fields.long(0x8769, in: fields.firstDirectory),
            let text = fields.text(0x9003, in: directory)
        else { return nil }
        return (text, fields.text(0x9011, in: directory))
    }

    private static let mark: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]

    private static func block(ofJPEG bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var at = 2
        while at + 4 <= bytes.count, bytes[at] == 0xFF {
            let marker = bytes[at + 1]
            if marker == 0xFF {
                at += 1
                continue
            }
            if marker == 0xDA || marker == 0xD9 { break }
            let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
            guard length >= 2, at + 2 + length <= bytes.count else { break }
            let body = bytes[(at + 4)..<(at + 2 + length)]
            if marker == 0xE1, body.starts(with: mark) { return body.dropFirst(mark.count) }
            at += 2 + length
        }
        return nil
    }

    private static func block(ofPNG bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var at = 8
        while at + 12 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 << 8 | Int(bytes[at + $1]) }
            guard length <= bytes.count - at - 12 else { break }
            let kind = Array(bytes[(at + 4)..<(at + 8)])
            if kind == Array("eXIf".utf8) { return bytes[(at + 8)..<(at + 8 + length)] }
            if kind == Array("IEND".utf8) { break }
            at += 12 + length
        }
        return nil
    }

    private static func block(ofWebP bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var at = 12
        while at + 8 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 | Int(bytes[at + 4 + $1]) << (8 * $1) }
            guard length <= bytes.count - at - 8 else { break }
            if Array(bytes[at..<(at + 4)]) == Array("EXIF".utf8) {
                let body = bytes[(at + 8)..<(at + 8 + length)]
                return body.starts(with: mark) ? body.dropFirst(mark.count) : body
            }
            at += 8 + length + length % 2
        }
        return nil
    }
}
