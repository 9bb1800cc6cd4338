import CTurboJPEG
import Foundation

/// JPEG through TurboJPEG.
enum JPEG {
    static func decode(
        _ bytes: [UInt8], name: String, limits: DecodeLimits, previewSide: Int? = nil
    ) throws(ImagingError) -> Image {
        let header = try JPEGHeader(bytes, name: name)
        try limits.check(header.width, header.height, name)
        // Every 8x8 block takes at least one bit in a Huffman-coded file: a small file with a large header is refused before
        // memory is taken.
        guard !header.isHuffman || header.width * header.height / 512 <= bytes.count else {
            throw .notAnImage(
                name: name,
                reason:
                    "damaged or truncated JPEG: \(bytes.count) bytes cannot hold \(header.width)x\(header.height) pixels"
            )
        }
        guard let handle = tjInitDecompress() else {
            throw .notAnImage(name: name, reason: "the JPEG decoder cannot start")
        }
        defer { tjDestroy(handle) }
        var (width, height, sampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        // Fails on chroma samplings that it has no name for, with which decoding works: only the sizes count.
        let status = tjDecompressHeader3(
            handle, bytes, UInt(bytes.count), &width, &height, &sampling, &space)
        guard Int(width) == header.width, Int(height) == header.height else {
            throw .notAnImage(
                name: name,
                reason: "damaged JPEG header: \(status == 0 ? "contradictory sizes" : message(handle))")
        }
        let channels: Int
        let format: TJPF
        switch header.components {
        case 1: (channels, format) = (1, TJPF_GRAY)
        case 3: (channels, format) = (3, TJPF_RGB)
        case 4: (channels, format) = (4, TJPF_CMYK)
        default:
            throw .notAnImage(
                name: name, reason: "a JPEG of \(header.components) components; expected 1, 3 or 4")
        }
        let divisor = reduction(header, previewSide)
        let w = (header.width + divisor - 1) / divisor
        let h = (header.height + divisor - 1) / divisor
        let pixels = try pixels(handle, bytes, name, w, h, channels, format)
        return try Image(
            width: w, height: h, channels: min(channels, 3),
            pixels: channels == 4 ? rgb(ofInvertedCMYK: pixels) : pixels)
    }

    private static func reduction(_ header: JPEGHeader, _ previewSide: Int?) -> Int {
        guard let previewSide else { return 1 }
        let side = min(header.width, header.height)
        return [8, 4, 2].first { side / $0 >= max(1, previewSide) } ?? 1
    }

    private static func pixels(
        _ handle: tjhandle, _ bytes: [UInt8], _ name: String, _ w: Int, _ h: Int, _ channels: Int,
        _ format: TJPF
    ) throws(ImagingError) -> [UInt8] {
        /// The pixels, or the decoder's complaint.
        func attempt(_ bytes: [UInt8], stopAtWarning: Bool) -> (pixels: [UInt8], problem: String?) {
            var problem: String?
            let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | (stopAtWarning ? TJFLAG_STOPONWARNING : 0)
            let pixels = [UInt8](unsafeUninitializedCapacity: w * h * channels) { buffer, count in
                let status = tjDecompress2(
                    handle, bytes, UInt(bytes.count), buffer.baseAddress, Int32(w), Int32(w * channels),
                    Int32(h), Int32(format.rawValue), flags)
                let isFatal = tjGetErrorCode(handle) == Int32(TJERR_FATAL.rawValue)
                if status != 0 && (stopAtWarning || isFatal) { problem = message(handle) }
                count = problem == nil ? w * h * channels : 0
            }
            return (pixels, problem)
        }
        // Stopping at the first complaint leaves most of a truncated picture's memory untouched.
        var (pixels, problem) = attempt(bytes, stopAtWarning: true)
        if problem?.contains("Premature end of JPEG file") == true {
            // A picture that lacks nothing but its end marker is whole.
            (pixels, problem) = attempt(bytes + [0xFF, 0xD9], stopAtWarning: true)
        }
        guard let complaint = problem else { return pixels }
        guard !complaint.contains("remature end") else {
            throw .notAnImage(name: name, reason: "damaged or truncated JPEG: \(complaint)")
        }
        // Anything else (stray bytes before a marker, an odd version number) still gives the whole picture.
        (pixels, problem) = attempt(bytes, stopAtWarning: false)
        if let problem { throw .notAnImage(name: name, reason: "damaged or truncated JPEG: \(problem)") }
        return pixels
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
        guard image.width <= 65_500, image.height <= 65_500 else {
            throw .invalidArgument(
                "\(image.width)x\(image.height) pixels: JPEG holds at most 65500 a side; write PNG")
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
    /// - Parameter quality: 1 to 100; from 90 on, colour is kept at full resolution. Alpha is composed over white.
    public func encodeJPEG(quality: Int = 92) throws(ImagingError) -> [UInt8] {
        try JPEG.encode(self, quality: quality)
    }

    /// Writes a JPEG file, completely or not at all.
    public func writeJPEG(_ path: String, quality: Int = 92) throws(ImagingError) {
        try AtomicImageFile.write(encodeJPEG(quality: quality), to: path)
    }
}
