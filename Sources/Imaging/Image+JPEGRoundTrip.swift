extension Image {
    /// What is left after JPEG compression: for training on realistic artefacts. Alpha is composed over white.
    /// - Parameter quality: 1 to 100.
    /// - Throws: `ImagingError.invalidArgument` for other qualities.
    public func jpegRoundTrip(quality: Int) throws(ImagingError) -> Image {
        try JPEG.decode(
            encodeJPEG(quality: quality), name: "JPEG round trip",
            limits: DecodeLimits(maximumPixels: .max, maximumSide: .max, maximumBytes: .max))
    }
}
