import CommandLineKit
import Faces
import Gallery
import Imaging
import Resources
import Torch
import Unmasking

/// Finds and embeds faces for galleries.
final class FaceSubjects: SubjectEmbedder {
    let kind = SubjectKind.face
    let model: EmbeddingModel
    // Photos of any size are held in memory, and each is searched by itself anyway.
    let batch = 8
    private let networks: LocalFaceNetworks
    private let choice: FaceChoice

    init(_ networks: LocalFaceNetworks, model: EmbeddingModel, choice: FaceChoice) {
        self.networks = networks
        self.model = model
        self.choice = choice
    }

    func subjects(of photos: [Image]) throws -> [[Subject]] { try photos.map(subjects) }

    private func subjects(of photo: Image) throws -> [Subject] {
        let found = try networks.embeddedFaces(in: photo, choice, unmask: model.unmasked)
        let main = found.map(\.face).main(width: photo.width, height: photo.height)
        return found.map { face, embedding in
            Subject(
                embedding: embedding, box: face.pixelBox(in: photo), score: face.score,
                isMain: face == main, in: photo)
        }
    }
}

/// How faces that are searched for are found and embedded.
struct FaceQueryOptions: EmbeddingOptions {
    static let title = "Embedding"

    @Option(help: "Face recogniser; the default is the gallery's, and sface for a new one.")
    var recogniser: RecogniserModel?
    @Option(
        help: "The recogniser's converted weights, instead of those that the set-up installed.",
        value: "FILE") var weights: FilePath?
    @Option(help: "Unmasking model, for galleries of unmasked faces.", value: "FILE") var model: FilePath?
    @Option(help: "Faces below this confidence are ignored.", in: .between(0, 1)) var threshold: Double = 0.7

    func embedder(of gallery: EmbeddingModel?, device: Device) throws -> any SubjectEmbedder {
        try embedder(of: gallery, device: device, .main, unmask: gallery?.unmasked ?? false)
    }

    func embedder(of gallery: EmbeddingModel?, device: Device, _ choice: FaceChoice, unmask: Bool) throws
        -> any SubjectEmbedder
    {
        let locator = ResourceLocator.standard
        let kind = recogniser ?? gallery.flatMap { RecogniserModel(rawValue: $0.name) } ?? .sface
        let path = try weights?.string ?? kind.installedWeights(in: locator)
        let network = try kind.load(weights: path, device: device)
        var settings = YuNetDetector.Settings()
        settings.scoreThreshold = threshold
        let detector = try YuNetDetector(
            weights: locator.weights("yunet"), settings: settings, device: device)
        let unmasker =
            unmask
            ? Unmasker(
                model: try UnmaskingModel.named(model, device: device),
                detector: detector, refiner: try .named(nil, device: device), device: device) : nil
        return FaceSubjects(
            LocalFaceNetworks(FaceEmbedder(detector: detector, recogniser: network), unmasker: unmasker),
            model: EmbeddingModel(
                name: kind.rawValue, sha256: try SHA256.ofFile(path), dimension: network.embeddingDimension,
                unmasked: unmask),
            choice: choice)
    }
}

/// How faces of photos are listed, found and embedded.
struct FaceIndexingOptions: IndexingOptions {
    static let title = "Embedding"

    @Option(help: "Which faces of a photo: all, or the main one, large and near the middle.")
    var faces: FaceChoice = .all
    @Flag(
        help:
            "Recover masked faces before they are embedded; settled when the gallery is made, and done for searches too."
    ) var unmask: Bool
    let query = FaceQueryOptions()

    func embedder(of gallery: EmbeddingModel?, device: Device) throws -> any SubjectEmbedder {
        try query.embedder(
            of: gallery, device: device, faces, unmask: unmask || gallery?.unmasked ?? false)
    }

    func labels() -> ImageLabels { ImageLabels() }
}

extension FaceChoice: ArgumentValue {}
