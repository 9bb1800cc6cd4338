import Imaging

/// One image of a person, cut out of a camera's picture.
public struct PersonImage: Sendable, Hashable, Codable {
    /// Camera of an image whose camera nobody stated.
    public static let unknownCamera = -1

    public var path: String
    /// The identity as published. 0 marks Market-1501's distractors, which match nobody; junk (-1) is never loaded.
    public var person: Int
    /// From 0 on (a name's `c1` is 0), or `unknownCamera`.
    public var camera: Int

    public init(path: String, person: Int, camera: Int) {
        self.path = path
        self.person = person
        self.camera = camera
    }

    /// The picture as networks take it when nothing is varied: RGB, stretched to the given size as is usual in
    /// re-identification (people's boxes have nearly the same shape).
    /// - Throws: `ImagingError` naming the file when it is missing, damaged or not an image.
    public func read(height: Int, width: Int) throws(ImagingError) -> Image {
        try Image.read(path).rgb().resized(width: width, height: height)
    }
}
