// Feeds the decoder of uploads.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let start, count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let limits = DecodeLimits(maximumPixels: 1 << 20, maximumSide: 4096, maximumBytes: 1 << 20)
    guard let image = try? Image.decode(bytes, limits: limits) else { return 0 }
    precondition(image.pixels.count == image.width * image.height * image.channels)
    precondition(image.width * image.height <= limits.maximumPixels)
    _ = image.rgb()
    return 0
}
