/// Embeddings of photos in their views, by one recogniser.
public struct PhotoEmbeddings: Sendable {
    public struct Key: Hashable, Sendable {
        public let photo: VerificationPair.Photo
        public let view: PhotoView

        public init(_ photo: VerificationPair.Photo, _ view: PhotoView) {
            self.photo = photo
            self.view = view
        }
    }

    public struct Row: Sendable, Equatable {
        /// Of unit length.
        public var values: [Float]
        /// Whether a face was found; otherwise the whole photo was embedded.
        public var hasFace: Bool
        /// Whether the view's treatment could be given.
        public var isTreated: Bool

        public init(values: [Float], hasFace: Bool, isTreated: Bool) {
            self.values = values
            self.hasFace = hasFace
            self.isTreated = isTreated
        }
    }

    public var rows: [Key: Row] = [:]

    public init() {}

    /// - Throws: `FacesError.invalidArgument` naming the photo that was not embedded in this view.
    public func row(_ photo: VerificationPair.Photo, _ view: PhotoView) throws(FacesError) -> Row {
        guard let row = rows[Key(photo, view)] else {
            throw .invalidArgument("\(photo.stem): was not embedded in the view '\(view.rawValue)'")
        }
        return row
    }
}
