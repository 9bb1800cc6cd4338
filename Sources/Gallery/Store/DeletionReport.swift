/// What a deletion did.
public struct DeletionReport: Codable, Sendable, Equatable {
    /// Number of entries that are gone, each with its embedding, thumbnail and attributes.
    public var images: Int
    /// Number of people of whom nothing is left.
    public var identities: Int
    /// Whether the gallery's files were searched afterwards and hold none of the deleted data.
    public var isErased: Bool
    /// Why not, and what to do; nil when everything is erased.
    public var remark: String?

    public init(images: Int, identities: Int, isErased: Bool, remark: String? = nil) {
        self.images = images
        self.identities = identities
        self.isErased = isErased
        self.remark = remark
    }
}
