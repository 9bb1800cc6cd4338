/// What a decoder accepts; checked against the header before memory is taken.
public struct DecodeLimits: Sendable, Equatable {
    public var maximumPixels: Int
    public var maximumSide: Int
    /// Of the encoded file.
    public var maximumBytes: Int

    public init(maximumPixels: Int = 100_000_000, maximumSide: Int = 30_000, maximumBytes: Int = 200_000_000)
    {
        self.maximumPixels = maximumPixels
        self.maximumSide = maximumSide
        self.maximumBytes = maximumBytes
    }

    func check(_ width: Int, _ height: Int, _ name: String) throws(ImagingError) {
        guard width > 0, height > 0 else {
            throw .notAnImage(name: name, reason: "the header says \(width)x\(height) pixels")
        }
        guard width <= maximumSide, height <= maximumSide else {
            throw .tooLarge(name: name, width: width, height: height, limit: "\(maximumSide) pixels a side")
        }
        guard width * height <= maximumPixels else {
            throw .tooLarge(
                name: name, width: width, height: height, limit: "\(maximumPixels / 1_000_000) million pixels"
            )
        }
    }
}
