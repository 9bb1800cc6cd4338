import Imaging
import Torch

extension PersonEmbedder {
    /// One image's embedding and what the model says about the person.
    public struct Embedded: Sendable, Equatable {
        /// Of unit length.
        public var embedding: [Float]
        /// The likeliest class by attribute; empty for a model without attribute heads.
        public var attributes: [String: String]
    }

    /// Embeds images in memory in one forward pass.
    /// - Parameter images: RGB, each of the model's height and width; see `prepare`.
    /// - Throws: `ReIDError.invalidArgument` for another size, `TorchError`.
    public func embed(_ images: [Image]) throws -> [Embedded] {
        guard !images.isEmpty else { return [] }
        for image in images where image.width != extraction.width || image.height != extraction.height {
            throw ReIDError.invalidArgument(
                "an image of \(image.width)x\(image.height) pixels, expected \(extraction.width)x\(extraction.height)"
            )
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(images.count * extraction.width * extraction.height * 3)
        for image in images { bytes += image.rgb().pixels }
        let found = try withoutGradients {
            let pixels =
                try Tensor(
                    bytes, shape: [images.count, extraction.height, extraction.width, 3],
                    device: extraction.device
                ).permute([0, 3, 1, 2]).to(dtype: .float32) / 255
            return try extraction.embedded(pixels, forward).0
        }
        let values = try found.embedding.to(dtype: .float32).floats()
        let classes = try classes(found.attributes, by: .likeliest)
        let schema = model.configuration.attributes?.attributes ?? []
        let dimension = model.dimension
        return images.indices.map { index in
            var attributes: [String: String] = [:]
            if classes.indices.contains(index) {
                for (attribute, chosen) in zip(schema, classes[index]) {
                    attributes[attribute.name] = attribute.classes[chosen]
                }
            }
            return Embedded(
                embedding: Array(values[(index * dimension)..<((index + 1) * dimension)]),
                attributes: attributes)
        }
    }

    /// An image as `embed(_:)` wants it.
    public static func prepare(_ image: Image, height: Int, width: Int) throws(ImagingError) -> Image {
        try image.rgb().resized(width: width, height: height)
    }
}
