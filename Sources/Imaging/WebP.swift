import CWebP
import Foundation

/// WebP (still images) through libwebp.
enum WebP {
    static func decode(_ bytes: [UInt8], name: String, limits: DecodeLimits) throws(ImagingError) -> Image {
        var features = WebPBitstreamFeatures()
        guard
            WebPGetFeaturesInternal(bytes, bytes.count, &features, WEBP_DECODER_ABI_VERSION) == VP8_STATUS_OK
        else { throw .notAnImage(name: name, reason: "damaged WebP header") }
        guard features.has_animation == 0 else {
            throw .notAnImage(name: name, reason: "an animated WebP; save one frame as a still image")
        }
        let (w, h) = (Int(features.width), Int(features.height))
        try limits.check(w, h, name)
        let channels = features.has_alpha != 0 ? 4 : 3
        var failed = false
        let pixels = [UInt8](unsafeUninitializedCapacity: w * h * channels) { buffer, count in
            let size = w * h * channels
            let stride = Int32(w * channels)
            failed =
                (channels == 4
                    ? WebPDecodeRGBAInto(bytes, bytes.count, buffer.baseAddress, size, stride)
                    : WebPDecodeRGBInto(bytes, bytes.count, buffer.baseAddress, size, stride)) == nil
            count = failed ? 0 : size
        }
        guard !failed else { throw .notAnImage(name: name, reason: "damaged or truncated WebP") }
        return try Image(width: w, height: h, channels: channels, pixels: pixels)
    }
}
