/// What the images of a gallery show.
public enum SubjectKind: String, Codable, Sendable, CaseIterable {
    /// Whole people, embedded by a re-identification model.
    case person
    /// Faces, embedded by a face recogniser.
    case face
}
