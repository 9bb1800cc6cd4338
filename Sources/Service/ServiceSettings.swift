import Faces
import HTTP

/// How a service works.
public struct ServiceSettings: Codable, Sendable, Equatable {
    /// Bytes of the largest request.
    public var maximumBytes = 20 << 20
    /// Pixels of the largest photo.
    public var maximumPixels = 25_000_000
    /// Faces of one photo that are worked on, best first.
    public var maximumFaces = 32
    public var batching = BatchingSettings()
    /// Side of the thumbnails that are kept of what is added to a gallery, in pixels.
    public var thumbnailSide = 160
    /// Days after which entries are deleted by themselves; nil keeps them.
    public var retentionDays: Double?

    public init() {}

    /// - Throws: `ServiceError.configuration` naming the setting that cannot work.
    public func validate() throws(ServiceError) {
        let ranges = [
            ("maximumBytes", maximumBytes, 1024...1 << 30),
            ("maximumPixels", maximumPixels, 1024...400_000_000), ("maximumFaces", maximumFaces, 1...1000),
            ("batching.maximum", batching.maximum, 1...256), ("thumbnailSide", thumbnailSide, 16...1024),
        ]
        for (name, value, range) in ranges where !range.contains(value) {
            throw .configuration(
                "\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
        guard (0...1000).contains(batching.milliseconds) else {
            throw .configuration(
                "batching.milliseconds is \(batching.milliseconds), expected 0 to 1000")
        }
        if let retentionDays, !(retentionDays > 0) || !retentionDays.isFinite {
            throw .configuration("retentionDays is \(retentionDays), expected a positive number")
        }
    }
}
