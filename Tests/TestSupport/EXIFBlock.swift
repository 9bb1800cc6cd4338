/// EXIF metadata with a time, made by hand after the standard: a TIFF block, little-endian, whose first directory leads to
/// the EXIF directory.
package enum EXIFBlock {
    package static func tiff(time: String, offset: String?, orientation: Int = 1) -> [UInt8] {
        func short(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
        func long(_ value: Int) -> [UInt8] { short(value & 65535) + short(value >> 16) }
        func field(_ tag: Int, _ type: Int, _ count: Int, _ value: Int) -> [UInt8] {
            short(tag) + short(type) + long(count) + long(value)
        }
        // Header 8, first directory 2 + 2 · 12 + 4 = 30, EXIF directory 2 + 2 · 12 + 4 = 30, then the texts.
        let exif = 38
        let texts = exif + 30
        let first = short(2) + field(0x0112, 3, 1, orientation) + field(0x8769, 4, 1, exif) + long(0)
        let fields = [
            field(0x9003, 2, time.utf8.count + 1, texts),
            field(offset == nil ? 0x9291 : 0x9011, 2, 7, texts + time.utf8.count + 1),
        ]
        return [0x49, 0x49, 42, 0] + long(8) + first + short(2) + fields[0] + fields[1] + long(0)
            + Array(time.utf8) + [0] + Array((offset ?? "000000").utf8) + [0]
    }

    /// To be put after the first two bytes of a JPEG file.
    package static func jpegSegment(time: String, offset: String?, orientation: Int = 1) -> [UInt8] {
        let body = Array("Exif".utf8) + [0, 0] + tiff(time: time, offset: offset, orientation: orientation)
        return [0xFF, 0xE1, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
    }
}
