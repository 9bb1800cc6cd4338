import Imaging

/// Finds and embeds what a gallery is about. The networks belong to the rooms above: whole people and faces each have one.
public protocol SubjectEmbedder: AnyObject {
    var kind: SubjectKind { get }
    /// What makes the embeddings.
    var model: EmbeddingModel { get }
    /// How many photos are worth embedding at once.
    var batch: Int { get }

    /// The subjects of each photo, best first, in the photos' order; none where nobody is found.
    /// - Parameter photos: RGB.
    func subjects(of photos: [Image]) throws -> [[Subject]]
}
