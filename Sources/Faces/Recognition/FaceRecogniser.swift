import Imaging
import NN
import Torch

/// A network that maps an aligned face to a vector whose direction tells persons apart.
public protocol FaceRecogniser: AnyObject {
    var name: String { get }
    /// The crop that the network was trained on.
    var alignment: AlignmentTemplate { get }
    /// Length of an embedding.
    var embeddingDimension: Int { get }
    /// Where the parameters are.
    var device: Device { get }

    /// Embeddings of unit length; dot products are cosines. Inside the graph, for losses as well as for inference; each
    /// network's own input scaling is applied within.
    /// - Parameter faces: RGB in [-1, 1], [batch, 3, size, size], aligned by `alignment`.
    /// - Returns: [batch, embeddingDimension].
    /// - Throws: `TorchError.invalidArgument` for another shape.
    func embed(_ faces: Tensor) throws(TorchError) -> Tensor
}

extension FaceRecogniser {
    /// Side of the network's input in pixels.
    public var inputSize: Int { alignment.size }

    /// Network input of aligned crops: RGB in [-1, 1], [count, 3, inputSize, inputSize].
    /// - Throws: `FacesError.invalidArgument` naming the first crop of another size; `TorchError` for no crops.
    public func preprocess(_ crops: [Image]) throws -> Tensor {
        for (index, crop) in crops.enumerated() where crop.width != inputSize || crop.height != inputSize {
            throw FacesError.invalidArgument(
                "\(name): crop \(index) is \(crop.width)x\(crop.height), expected \(inputSize)x\(inputSize) aligned by '\(alignment.name)'"
            )
        }
        return try .images(crops, range: -1...1, device: device)
    }

    /// Embeds aligned crops outside the graph, `batchSize` at a time.
    /// - Returns: [count, embeddingDimension], rows of unit length; [0, embeddingDimension] for no crops.
    /// - Throws: `FacesError.invalidArgument` for a crop of another size, `TorchError`.
    public func embed(crops: [Image], batchSize: Int = 16) throws -> Tensor {
        guard !crops.isEmpty else { return try .zeros([0, embeddingDimension], device: device) }
        return try withoutGradients {
            let parts = try stride(from: 0, to: crops.count, by: max(1, batchSize)).map { start in
                try embed(preprocess(Array(crops[start..<min(start + max(1, batchSize), crops.count)])))
            }
            return parts.count == 1 ? parts[0] : try .cat(parts, dim: 0)
        }
    }

    /// Aligns and embeds faces of one image outside the graph.
    /// - Returns: [faces, embeddingDimension], rows of unit length.
    /// - Throws: `ImagingError` for landmarks that coincide, `TorchError`.
    public func embed(_ image: Image, faces: [DetectedFace]) throws -> Tensor {
        try embed(crops: alignment.crops(image, faces))
    }
}

extension FaceRecogniser where Self: Module {
    public var device: Device { parameters().first?.device ?? .cpu }
}

extension Tensor {
    /// Fails unless this is a batch of RGB images of one square size.
    func requireFaces(_ size: Int, for network: String) throws(TorchError) {
        guard rank == 4, self.size(1) == 3, self.size(2) == size, self.size(3) == size else {
            throw .invalidArgument("\(network): input is \(shape), expected [batch, 3, \(size), \(size)]")
        }
    }
}
