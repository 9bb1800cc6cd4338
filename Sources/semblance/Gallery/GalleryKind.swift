import CommandLineKit
import Gallery
import Torch

/// What the commands for a gallery of people and those for one of faces differ in; all else is one implementation.
protocol GalleryKind: SendableMetatype {
    associatedtype Query: EmbeddingOptions
    associatedtype Indexing: IndexingOptions
    static var kind: SubjectKind { get }
    /// The word before the commands: `semblance reid index`.
    static var group: String { get }
    /// What is looked for: "people".
    static var plural: String { get }
    /// What one image of a gallery is called: "image", "face".
    static var unit: String { get }
}

/// `semblance reid …`
enum PeopleGallery: GalleryKind {
    typealias Query = PersonQueryOptions
    typealias Indexing = PersonIndexingOptions
    static let kind = SubjectKind.person
    static let group = "reid"
    static let plural = "people"
    static let unit = "image"
}

/// `semblance faces …`
enum FaceGallery: GalleryKind {
    typealias Query = FaceQueryOptions
    typealias Indexing = FaceIndexingOptions
    static let kind = SubjectKind.face
    static let group = "faces"
    static let plural = "faces"
    static let unit = "face"
}

extension GalleryKind {
    static var commands: CommandNode {
        .group(
            name: group, abstract: "Keep \(plural) in a gallery, and find them again.",
            [
                .command(GalleryIndexCommand<Self>.self), .command(GallerySearchCommand<Self>.self),
                .command(GalleryFindCommand<Self>.self), .command(GalleryDeleteCommand<Self>.self),
                .command(GalleryExportCommand<Self>.self), .command(GalleryImportCommand<Self>.self),
                .command(GalleryStatsCommand<Self>.self), .command(GalleryCheckCommand<Self>.self),
                .command(GalleryOptimiseCommand<Self>.self), .command(GalleryAuditCommand<Self>.self),
            ])
    }

    /// A line of an example: "semblance reid find …".
    static func line(_ rest: String) -> String { "semblance \(group) \(rest)" }
}

/// Options that say how photos that are searched for are embedded.
protocol EmbeddingOptions: OptionGroup {
    /// - Parameter gallery: what made the gallery's embeddings: it decides what the options leave open; nil for a new gallery.
    func embedder(of gallery: EmbeddingModel?, device: Device) throws -> any SubjectEmbedder
}

/// Options that say how a gallery's images are listed and embedded.
protocol IndexingOptions: EmbeddingOptions {
    /// How the images' labels are found.
    func labels() throws -> ImageLabels
}
