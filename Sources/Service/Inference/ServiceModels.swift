import Faces
import Foundation
import Gallery
import Imaging
import ReID
import Resources
import Torch
import Unmasking

/// Which model files a service loads.
public struct ServiceModelFiles: Sendable, Equatable {
    public var unmasker: String
    public var landmarks: String
    public var person: String
    public var detector: String
    public var recogniser: RecogniserModel
    public var recogniserWeights: String
    /// Threads to compute with; nil is one per core.
    public var threads: Int?
    public var device = "cpu"

    public init(
        unmasker: String, landmarks: String, person: String, detector: String, recogniser: RecogniserModel,
        recogniserWeights: String
    ) {
        self.unmasker = unmasker
        self.landmarks = landmarks
        self.person = person
        self.detector = detector
        self.recogniser = recogniser
        self.recogniserWeights = recogniserWeights
    }

    /// Those that come with Semblance and its set-up.
    /// - Throws: `ResourceError` saying how to install what is missing.
    public init(
        installedIn locator: ResourceLocator, unmasker: String? = nil, person: String? = nil,
        recogniser: RecogniserModel = .sface, recogniserWeights: String? = nil
    ) throws(ResourceError) {
        // A closure on the right of ?? would lose the type of what it throws.
        func given(_ path: String?, _ find: () throws(ResourceError) -> String) throws(ResourceError)
            -> String
        {
            if let path { return path }
            return try find()
        }
        self.init(
            unmasker: try given(unmasker) { () throws(ResourceError) in try locator.model("unmasker-128") },
            landmarks: try locator.model("masked-landmarks"),
            person: try given(person) { () throws(ResourceError) in try locator.model("person-market1501") },
            detector: try locator.weights("yunet"), recogniser: recogniser,
            recogniserWeights: try given(recogniserWeights) { () throws(ResourceError) in
                try recogniser.installedWeights(in: locator)
            })
    }
}

/// The models, all owned by one thread.
final class ServiceModels {
    let detector: YuNetDetector
    let recogniser: any FaceRecogniser
    let refiner: LandmarkRefiner
    let unmasker: Unmasker
    let person: PersonEmbedder

    init(_ files: ServiceModelFiles) throws {
        if let threads = files.threads { Runtime.threads = threads }
        let device = try Device(files.device)
        detector = try YuNetDetector(weights: files.detector, device: device)
        recogniser = try files.recogniser.load(weights: files.recogniserWeights, device: device)
        refiner = LandmarkRefiner(
            try LandmarkNetwork.read(files.landmarks, device: device), device: device)
        unmasker = Unmasker(
            model: try UnmaskingModel.read(files.unmasker, device: device), detector: detector,
            refiner: refiner, device: device)
        person = try PersonEmbedder(
            ReIDModel.read(files.person, device: device), name: ServiceModelFiles.name(files.person),
            device: device)
    }

    /// Runs every network once with as many inputs as will ever share a forward pass.
    ///
    /// What is made at the first time is then made before the first request, and the memory that the largest batch needs is taken
    /// at the start: too little of it shows there, not whenever enough callers come together for the first time.
    func warmUp(batch: Int) throws {
        let side = detector.settings.maximumSide
        let photo = try DetectorInput(Image(width: side, height: side, channels: 3), detector.settings)
        _ = try detector.detect(
            [DetectorInput](repeating: photo, count: min(batch, YuNetDetector.largestBatch)))
        let window = refiner.window.size
        _ = try refiner.locate(
            [FloatImage](repeating: FloatImage(width: window, height: window, channels: 3), count: batch))
        let size = unmasker.model.size
        _ = try unmasker.draw(
            [FloatImage](repeating: FloatImage(width: size, height: size, channels: 3), count: batch))
        let crop = Image(width: recogniser.inputSize, height: recogniser.inputSize, channels: 3)
        _ = try recogniser.embed(crops: [Image](repeating: crop, count: batch), batchSize: batch)
        let (height, width) = (person.extraction.height, person.extraction.width)
        _ = try person.embed(
            [Image](repeating: Image(width: width, height: height, channels: 3), count: batch))
    }
}

extension ServiceModelFiles {
    static func name(_ path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
}

/// What is known of the models without touching them.
struct ModelFacts: Sendable {
    let detector: YuNetDetector.Settings
    let faceSize: Int
    let faceAlignment: AlignmentTemplate
    let faceDimension: Int
    let personDimension: Int
    let personHeight: Int
    let personWidth: Int
    let personSchema: [AttributeSchema.Attribute]
    let recogniserName: String
    let recogniserDigest: String
    let personName: String
    let personDigest: String
    let compositor: FaceCompositor
    let landmarkWindow: LandmarkWindow

    init(_ models: ServiceModels, _ files: ServiceModelFiles) throws {
        detector = models.detector.settings
        faceSize = models.unmasker.model.size
        faceAlignment = models.recogniser.alignment
        faceDimension = models.recogniser.embeddingDimension
        personDimension = models.person.model.dimension
        personHeight = models.person.extraction.height
        personWidth = models.person.extraction.width
        personSchema = models.person.model.configuration.attributes?.attributes ?? []
        recogniserName = files.recogniser.rawValue
        recogniserDigest = try SHA256.ofFile(files.recogniserWeights)
        personName = ServiceModelFiles.name(files.person)
        personDigest = try SHA256.ofFile(files.person)
        compositor = models.unmasker.compositor
        landmarkWindow = models.refiner.window
    }

    /// The model of a gallery's embeddings.
    func embeddingModel(_ kind: SubjectKind, unmasked: Bool) -> EmbeddingModel {
        switch kind {
        case .person:
            EmbeddingModel(name: personName, sha256: personDigest, dimension: personDimension)
        case .face:
            EmbeddingModel(
                name: recogniserName, sha256: recogniserDigest, dimension: faceDimension, unmasked: unmasked)
        }
    }
}
