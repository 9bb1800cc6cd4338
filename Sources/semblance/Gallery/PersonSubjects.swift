import CommandLineKit
import Gallery
import Imaging
import ReID
import Resources
import Torch

/// Embeds images of whole people for galleries.
final class PersonSubjects: SubjectEmbedder {
    let kind = SubjectKind.person
    let model: EmbeddingModel
    let batch = 32
    private let embedder: PersonEmbedder

    /// - Parameter path: the model's file.
    init(_ embedder: PersonEmbedder, path: String) throws(ResourceError) {
        self.embedder = embedder
        model = EmbeddingModel(
            name: embedder.name, sha256: try SHA256.ofFile(path), dimension: embedder.model.dimension)
    }

    func subjects(of photos: [Image]) throws -> [[Subject]] {
        let (height, width) = (embedder.extraction.height, embedder.extraction.width)
        let prepared = try photos.map { try PersonEmbedder.prepare($0, height: height, width: width) }
        return zip(photos, try embedder.embed(prepared)).map { photo, found in
            [Subject(embedding: found.embedding, attributes: found.attributes, picture: photo)]
        }
    }
}

/// `--model`: how people who are searched for are embedded.
struct PersonQueryOptions: EmbeddingOptions {
    static let title = "Embedding"

    let model = PersonModelOption()

    func embedder(of gallery: EmbeddingModel?, device: Device) throws -> any SubjectEmbedder {
        try PersonSubjects(model.load(device: device), path: model.path())
    }
}

/// How images of people are listed and embedded.
struct PersonIndexingOptions: IndexingOptions {
    static let title = "Embedding"

    @Option(help: "Layout of a data set; found out when not given.") var layout: PersonDatasetLayout?
    @Option(help: "The part of a data set; the default is its gallery.") var split: PersonDatasetSplit?
    @Option(
        help: "True attributes of the people (.mat or CSV), instead of those that the model predicts.",
        value: "FILE")
    var attributes: FilePath?
    let query = PersonQueryOptions()

    func embedder(of gallery: EmbeddingModel?, device: Device) throws -> any SubjectEmbedder {
        try query.embedder(of: gallery, device: device)
    }

    func labels() throws -> ImageLabels {
        ImageLabels(
            layout: layout, split: split,
            attributes: try attributes.map { try AttributeTable.read($0.string) })
    }
}
