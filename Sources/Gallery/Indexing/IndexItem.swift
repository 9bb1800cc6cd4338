import Foundation

/// An image file to be indexed, with what is said of it.
public struct IndexItem: Sendable, Equatable {
    public var path: String
    /// Who is shown: of several subjects, the one that the photo is about.
    public var identity: String?
    public var camera: Int?
    /// When the image was taken; nil takes what the file says.
    public var time: Date?
    /// Overrule what the model predicts.
    public var attributes: [String: String]

    public init(
        path: String, identity: String? = nil, camera: Int? = nil, time: Date? = nil,
        attributes: [String: String] = [:]
    ) {
        self.path = path
        self.identity = identity
        self.camera = camera
        self.time = time
        self.attributes = attributes
    }
}
