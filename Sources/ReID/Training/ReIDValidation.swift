import Imaging
import Metrics
import NN
import Torch
import Training

/// Retrieval among people held out of training.
public struct ReIDValidation {
    public let query: [PersonImage]
    public let gallery: [PersonImage]
    public let height: Int
    public let width: Int

    public init(query: [PersonImage], gallery: [PersonImage], height: Int, width: Int) {
        self.query = query
        self.gallery = gallery
        self.height = height
        self.width = width
    }

    /// - Returns: "mAP" and "rank-1" in 0…1.
    public func evaluate(_ network: EmbeddingNetwork) throws -> [String: Double] {
        let wasTraining = network.isTraining
        network.evaluate()
        // A frozen backbone stays in evaluation mode: the task sees to that before its next step.
        defer { if wasTraining { network.train() } }
        let report = try ReIDEvaluation(query: embed(query, network), gallery: embed(gallery, network))
            .evaluate().report
        return ["mAP": report.mAP, "rank-1": report.cmc["1"] ?? 0]
    }

    private func embed(_ images: [PersonImage], _ network: EmbeddingNetwork) throws -> FeatureFile {
        let output = try FeatureExtraction(height: height, width: width)(images.map(\.path)) { pixels in
            FeatureExtraction.Embedded(embedding: try network.embedding(PersonPixels.normalised(pixels)))
        }
        return try FeatureFile(
            features: output.features, ids: images.map(\.person), cameras: images.map(\.camera))
    }
}
