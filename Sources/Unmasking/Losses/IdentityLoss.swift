import Faces
import Imaging
import Torch

/// 1 - cosine between the embeddings of two faces, averaged over one or more recognisers.
///
/// Measure results with another recogniser than the ones used here: a generator can learn to please a recogniser with
/// patterns that no person would call a likeness.
public struct IdentityLoss {
    /// A face recogniser as the loss sees it.
    public struct Recogniser {
        public let name: String
        /// From the network's face crop to the recogniser's input.
        public let crop: AlignedCrop
        /// Aligned faces [batch, 3, h, w] in [-1, 1] -> embeddings [batch, d], not necessarily of unit length.
        public let embed: (Tensor) throws(TorchError) -> Tensor

        public init(
            name: String, crop: AlignedCrop, embed: @escaping (Tensor) throws(TorchError) -> Tensor
        ) {
            self.name = name
            self.crop = crop
            self.embed = embed
        }

        /// EdgeFace, the cheapest one to differentiate; freeze the network first.
        /// - Parameter transform: from pixels of the face crop to the recogniser's 112x112 alignment.
        public static func edgeFace(_ network: EdgeFace, alignedBy transform: AffineTransform2D)
            throws(TorchError) -> Recogniser
        {
            let size = EdgeFace.inputSize
            return Recogniser(
                name: "edgeface", crop: try AlignedCrop(transform, height: size, width: size)
            ) { (face) throws(TorchError) in try network(face) }
        }

        /// Any recogniser that is frozen; its own alignment makes the crop.
        /// - Parameter template: of the network's face crop.
        public static func aligned(_ network: any FaceRecogniser, from template: AlignmentTemplate) throws
            -> Recogniser
        {
            let size = network.inputSize
            let crop = try AlignedCrop(
                template.transform(to: network.alignment), height: size, width: size)
            return Recogniser(name: network.name, crop: crop) { (face) throws(TorchError) in
                try network.embed(face)
            }
        }
    }

    public var weight: Double
    /// Random views in which the recovered faces are judged; nil judges one fixed view.
    public var augmentation: IdentityAugmentation?
    public let recognisers: [Recogniser]

    public init(
        weight: Double = 0.1, recognisers: [Recogniser], augmentation: IdentityAugmentation? = nil
    ) {
        self.weight = weight
        self.augmentation = augmentation
        self.recognisers = recognisers
    }

    /// Unit embeddings of target faces, one [batch, d] per recogniser, outside the graph; compute them once per data set.
    /// - Parameter face: [batch, 3, height, width] in [-1, 1].
    public func targets(_ face: Tensor) throws(TorchError) -> [Tensor] {
        try noGrad { () throws(TorchError) in
            var all: [Tensor] = []
            for recogniser in recognisers {
                all.append(try recogniser.embed(recogniser.crop(face)).l2Normalised())
            }
            return all
        }
    }

    /// Unit embeddings of recovered faces in their random views, one [batch, d] per recogniser, in the graph.
    /// - Parameters:
    ///   - face: recovered faces, best already blended with the visible pixels, [batch, 3, height, width] in [-1, 1].
    ///   - generator: source of the random views; needed with an augmentation.
    public func embeddings(_ face: Tensor, generator: Generator? = nil) throws(TorchError) -> [Tensor] {
        var all: [Tensor] = []
        for recogniser in recognisers {
            let view: Tensor
            if let augmentation {
                guard let generator else {
                    throw .invalidArgument("identity loss: an augmentation needs a random generator")
                }
                view = try augmentation(face, crop: recogniser.crop, generator: generator)
            } else {
                view = try recogniser.crop(face)
            }
            all.append(try recogniser.embed(view).l2Normalised())
        }
        return all
    }

    /// - Parameters:
    ///   - embeddings: from `embeddings(_:generator:)`.
    ///   - targets: from `targets(_:)`.
    /// - Returns: a scalar, 0 for equal identity, 2 at most.
    public func distance(_ embeddings: [Tensor], targets: [Tensor]) throws(TorchError) -> Tensor {
        guard !recognisers.isEmpty, targets.count == recognisers.count,
            embeddings.count == recognisers.count
        else {
            throw .invalidArgument(
                "identity loss: \(embeddings.count) embeddings and \(targets.count) target embeddings for recognisers \(recognisers.map(\.name)); expected one each, and at least one recogniser"
            )
        }
        let parts = try zip(embeddings, targets).map { (embedding, target) throws(TorchError) in
            try 1 - (embedding * target).sum([1]).mean()
        }
        return try Tensor.stack(parts).mean()
    }

    /// `distance` of faces to targets, from new random views.
    public func callAsFunction(_ face: Tensor, targets: [Tensor], generator: Generator? = nil)
        throws(TorchError) -> Tensor
    {
        try distance(embeddings(face, generator: generator), targets: targets)
    }
}
