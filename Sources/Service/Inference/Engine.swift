import Faces
import HTTP
import Imaging
import ReID
import Synchronization
import Torch
import Unmasking

/// The models behind lanes, for any thread to use.
public final class Engine: Sendable {
    private let thread: InferenceThread<ServiceModels>
    let facts: ModelFacts
    private let detection: InferenceThread<ServiceModels>.Lane<DetectorInput, [DetectedFace]>
    private let landmarks: InferenceThread<ServiceModels>.Lane<FloatImage, FiveLandmarks>
    private let drawing: InferenceThread<ServiceModels>.Lane<FloatImage, FaceDrawing>
    private let recognition: InferenceThread<ServiceModels>.Lane<Image, [Float]>
    private let people: InferenceThread<ServiceModels>.Lane<Image, PersonEmbedder.Embedded>

    /// Loads the models.
    /// - Throws: what their files are wrong with.
    public init(
        _ files: ServiceModelFiles, batching: BatchingSettings = .init(), metrics: Metrics = Metrics()
    )
        throws
    {
        metrics.declare(
            .init(
                "semblance_batch_size", "Inputs in one forward pass.",
                .histogram([1, 2, 4, 8, 16, 32, 64, 128, 256])))
        metrics.declare(
            .init(
                "semblance_inference_seconds", "Time of one forward pass.",
                .histogram([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5])))
        // Here, where the server has no threads yet: see what it does to the memory of those that come after.
        Runtime.keepTensorsApart()
        let found = Mutex<ModelFacts?>(nil)
        thread = try InferenceThread {
            let models = try ServiceModels(files)
            let facts = try ModelFacts(models, files)
            try models.warmUp(batch: batching.maximum)
            found.withLock { $0 = facts }
            return models
        }
        guard let facts = found.withLock({ $0 }) else {
            throw ServiceError.internalMismatch("the models were loaded but said nothing of themselves")
        }
        self.facts = facts
        // Photos that wait are searched together where their sizes allow it; what this gains is too little to wait for others.
        var searching = batching
        searching.maximum = min(batching.maximum, YuNetDetector.largestBatch)
        searching.milliseconds = 0
        detection = thread.lane("detector", searching, metrics: metrics) { models, photos in
            try models.detector.detect(photos)
        }
        landmarks = thread.lane("landmarks", batching, metrics: metrics) { models, windows in
            try models.refiner.locate(windows)
        }
        drawing = thread.lane("unmasker", batching, metrics: metrics) { models, crops in
            try models.unmasker.draw(crops)
        }
        recognition = thread.lane("recogniser", batching, metrics: metrics) { models, crops in
            try models.recogniser.embed(crops: crops, batchSize: crops.count).floats()
                .rows(of: models.recogniser.embeddingDimension)
        }
        people = thread.lane("person", batching, metrics: metrics) { models, images in
            try models.person.embed(images)
        }
    }

    /// Ends the thread after what it was given.
    public func stop() { thread.stop() }

    /// The models, for one request.
    func networks(_ cancellation: RequestCancellation) -> Networks {
        Networks(engine: self, cancellation: cancellation)
    }

    /// The models as one request uses them: called off with it.
    struct Networks: FaceNetworks, Sendable {
        let engine: Engine
        let cancellation: RequestCancellation

        func faces(in photo: Image) throws -> [DetectedFace] {
            try engine.detection(DetectorInput(photo, engine.facts.detector), cancellation)
        }

        func embeddings(of faces: [DetectedFace], in photo: Image) throws -> [[Float]] {
            let crops = try engine.facts.faceAlignment.crops(photo, faces)
            return try engine.recognition(crops, cancellation)
        }

        func unmasked(_ photo: Image, faces: [DetectedFace]) throws -> Unmasker.Result {
            let compositor = engine.facts.compositor
            let clock = ContinuousClock()
            let start = clock.now
            let refined = try engine.facts.landmarkWindow.refine(faces, in: photo) {
                try engine.landmarks($0, cancellation)
            }
            let aligned = try zip(faces, refined).compactMap {
                try compositor.align(photo, $0, refined: $1)
            }
            let drawings = try engine.drawing(aligned.map(\.crop), cancellation)
            let wide = try zip(aligned, drawings).map { try compositor.widened($0, $1, in: photo) }
            var looks = try engine.drawing(wide.compactMap { $0?.crop }, cancellation)[...]
            let share = (clock.now - start) / .milliseconds(1) / Double(max(1, aligned.count))
            var image = photo
            var found: [Unmasker.Face] = []
            for (index, (aligned, drawing)) in zip(aligned, drawings).enumerated() {
                let start = clock.now
                let look = wide[index].map { WideLook(aligned: $0, drawing: looks.removeFirst()) }
                var face = try compositor.blend(drawing, of: aligned, look: look, into: &image)
                face.milliseconds = share + (clock.now - start) / .milliseconds(1)
                found.append(face)
            }
            return Unmasker.Result(image: image, faces: found)
        }

        func person(_ image: Image) throws -> PersonEmbedder.Embedded {
            let facts = engine.facts
            return try engine.people(
                PersonEmbedder.prepare(image, height: facts.personHeight, width: facts.personWidth),
                cancellation)
        }
    }
}
