import CTurboJPEG
import Foundation

/// JPEG through TurboJPEG.
enum JPEG {
    static func decode(_ bytes: [UInt8], name: String, limits: DecodeLimits) throws(ImagingError) -> Image {
        guard let handle = tjInitDecompress() else {
            throw .notAnImage(name: name, reason: "the JPEG decoder cannot start")
        }
        defer { tjDestroy(handle) }
        var width: Int32 = 0
        var height: Int32 = 0
        var sampling: Int32 = 0
        var space: Int32 = 0
        guard
            tjDecompressHeader3(handle, bytes, UInt(bytes.count), &width, &height, &sampling, &space) == 0
        else { throw .notAnImage(name: name, reason: "damaged JPEG header: \(message(handle))") }
        try limits.check(Int(width), Int(height), name)
        let (w, h) = (Int(width), Int(height))
        let isCMYK = space == Int32(TJCS_CMYK.rawValue) || space == Int32(TJCS_YCCK.rawValue)
        let isGrey = space == Int32(TJCS_GRAY.rawValue)
        let format = isCMYK ? TJPF_CMYK : isGrey ? TJPF_GRAY : TJPF_RGB
        let stored = isCMYK ? 4 : isGrey ? 1 : 3
        var failure: String?
        let pixels = [UInt8](unsafeUninitializedCapacity: w * h * stored) { buffer, count in
            let status = tjDecompress2(
                handle, bytes, UInt(bytes.count), buffer.baseAddress, width, 0, height,
                Int32(format.rawValue),
                TJFLAG_ACCURATEDCT)
            if status != 0 {
                // Warnings (a stray byte) still give the whole picture; a premature end does not.
                let text = message(handle)
                if tjGetErrorCode(handle) == Int32(TJERR_FATAL.rawValue) || text.contains("remature end") {
                    failure = text
                }
            }
            count = failure == nil ? w * h * stored : 0
        }
        if let failure { throw .notAnImage(name: name, reason: "damaged or truncated JPEG: \(failure)") }
        return try Image(
            width: w, height: h, channels: isGrey ? 1 : 3,
            pixels: isCMYK ? rgb(ofInvertedCMYK: pixels) : pixels)
    }

    /// Adobe writes CMYK inverted (255 is no ink), and so do practically all CMYK JPEGs.
    private static func rgb(ofInvertedCMYK pixels: [UInt8]) -> [UInt8] {
        let count = pixels.count / 4
        return [UInt8](unsafeUninitializedCapacity: count * 3) { target, initialised in
            pixels.withUnsafeBufferPointer { source in
                for index in 0..<count {
                    let k = Int(source[4 * index + 3])
                    for c in 0..<3 {
                        target[3 * index + c] = UInt8((Int(source[4 * index + c]) * k + 127) / 255)
                    }
                }
            }
            initialised = count * 3
        }
    }

    static func encode(_ image: Image, quality: Int) throws(ImagingError) -> [UInt8] {
        guard (1...100).contains(quality) else {
            throw .invalidArgument("JPEG quality \(quality): expected 1 to 100")
        }
        guard let handle = tjInitCompress() else { throw .invalidArgument("the JPEG encoder cannot start") }
        defer { tjDestroy(handle) }
        let source = image.channels == 4 ? image.rgb() : image
        var buffer: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        let grey = source.channels == 1
        let status = tjCompress2(
            handle, source.pixels, Int32(source.width), 0, Int32(source.height),
            Int32((grey ? TJPF_GRAY : TJPF_RGB).rawValue), &buffer, &size,
            Int32((grey ? TJSAMP_GRAY : quality >= 90 ? TJSAMP_444 : TJSAMP_420).rawValue), Int32(quality), 0)
        defer { tjFree(buffer) }
        guard status == 0, let buffer else {
            throw .invalidArgument("JPEG encoding failed: \(message(handle))")
        }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(size)))
    }

    private static func message(_ handle: tjhandle) -> String { String(cString: tjGetErrorStr2(handle)) }
}

extension Image {
    /// - Parameter quality: 1 to 100; from 90 on, colour is kept at full resolution.
    public func encodeJPEG(quality: Int = 92) throws(ImagingError) -> [UInt8] {
        try JPEG.encode(self, quality: quality)
    }

    /// Writes a JPEG file, completely or not at all.
    public func writeJPEG(_ path: String, quality: Int = 92) throws(ImagingError) {
        try AtomicImageFile.write(encodeJPEG(quality: quality), to: path)
    }
}
