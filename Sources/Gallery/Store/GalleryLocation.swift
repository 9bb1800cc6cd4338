/// Where a gallery is: a file, or a schema of a PostgreSQL database ("postgresql://user@host/database?gallery=NAME").
public enum GalleryLocation {
    /// Whether a location names a server rather than a file.
    public static func isServer(_ location: String) -> Bool {
        location.hasPrefix("postgresql://") || location.hasPrefix("postgres://")
    }

    /// Opens a gallery that is there.
    public static func open(_ location: String) throws(GalleryError) -> any GalleryStore {
        if isServer(location) { return try PostgresGallery.open(location) }
        return try EmbeddedGallery.open(location)
    }

    /// Makes a gallery; nothing is left of it when it throws.
    public static func create(
        _ location: String, kind: SubjectKind, model: EmbeddingModel, actor: String
    ) throws(GalleryError) -> any GalleryStore {
        if isServer(location) {
            return try PostgresGallery.create(location, kind: kind, model: model, actor: actor)
        }
        return try EmbeddedGallery.create(location, kind: kind, model: model, actor: actor)
    }
}
