import Imaging

/// A face or a person of a photo, embedded.
public struct Subject: Sendable {
    /// Of unit length.
    public var embedding: [Float]
    /// [x, y, width, height] in whole pixels; nil when the whole photo shows the person.
    public var box: [Int]?
    /// The detector's confidence, 0 to 1; nil where nothing was detected.
    public var score: Double?
    /// What the model says about the person, by attribute.
    public var attributes: [String: String]
    /// Whether the photo is about this one.
    public var isMain: Bool
    /// What is shown of it in lists.
    public var picture: Image

    /// A person whom a whole photo shows.
    public init(embedding: [Float], attributes: [String: String], picture: Image) {
        self.embedding = embedding
        self.attributes = attributes
        self.picture = picture
        isMain = true
    }

    /// A subject that was found in a photo; its picture is what the box holds of it.
    public init(embedding: [Float], box: [Int], score: Double, isMain: Bool = true, in photo: Image) {
        self.embedding = embedding
        self.box = box
        self.score = score
        self.isMain = isMain
        attributes = [:]
        picture = photo.cut(box)
    }
}
