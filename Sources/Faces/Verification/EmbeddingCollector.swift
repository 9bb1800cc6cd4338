import Foundation
import Imaging
import Torch

/// Embeds photos in the views that a comparison needs, each once, by several recognisers in one pass: finding faces, drawing masks and
/// recovering cost the same for one recogniser as for three.
///
/// Landmarks come from the very photo that is recognised; no knowledge of the clean photo reaches a treated one. A photo in
/// which no face is found is recognised whole, so that no pair is left out, and counted.
public final class EmbeddingCollector {
    /// A recogniser, and what tells its weights from others in a cache.
    public struct Recogniser {
        public let network: any FaceRecogniser
        public let signature: String

        public init(_ network: any FaceRecogniser, signature: String = "") {
            self.network = network
            self.signature = signature
        }
    }

    private let detector: any FaceDetector
    private let recognisers: [Recogniser]
    private let source: any PhotoSource
    private let treatments: [any PhotoTreatment]
    private let cache: EmbeddingCache?
    private let detectorSignature: String
    private let isMirrored: Bool
    private let batchSize: Int

    /// - Parameters:
    ///   - cache: where embeddings are kept between runs; nil keeps none.
    ///   - detectorSignature: tells detectors apart in the cache.
    ///   - isMirrored: whether an embedding is the mean direction of the crop's and its mirror image's.
    public init(
        detector: any FaceDetector, recognisers: [Recogniser], source: any PhotoSource,
        treatments: [any PhotoTreatment] = [], cache: EmbeddingCache? = nil, detectorSignature: String = "",
        isMirrored: Bool = false, batchSize: Int = 16
    ) {
        self.detector = detector
        self.recognisers = recognisers
        self.source = source
        self.treatments = treatments
        self.cache = cache
        self.detectorSignature = detectorSignature
        self.isMirrored = isMirrored
        self.batchSize = max(1, batchSize)
    }

    /// - Parameters:
    ///   - wanted: views of each photo; a photo may occur several times.
    ///   - progress: called after each photo with the number done and the total; may throw to stop.
    /// - Returns: embeddings by each recogniser, in their order.
    /// - Throws: `FacesError.invalidArgument` for missing photos and views that no treatment makes, `ImagingError` for unreadable
    ///   photos, `TorchError`.
    public func collect(
        _ wanted: [(photo: VerificationPair.Photo, views: Set<PhotoView>)],
        progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> [PhotoEmbeddings] {
        var order: [VerificationPair.Photo] = []
        var views: [VerificationPair.Photo: Set<PhotoView>] = [:]
        for (photo, some) in wanted {
            if views[photo] == nil { order.append(photo) }
            views[photo, default: []].formUnion(some)
        }
        let all = Set(views.values.joined())
        let makers = try makers(of: all)
        // All files are looked for before hours are spent on the first of them.
        try source.locate(order)
        let tables = try tables(for: all, makers)

        var batch = Batch(
            recognisers: recognisers, tables: tables, isMirrored: isMirrored, size: batchSize)
        for (index, photo) in order.enumerated() {
            let name = source.fingerprint(photo)
            var missing = Set<PhotoView>()
            for view in views[photo] ?? [] where !batch.recall(photo, view, name) { missing.insert(view) }
            if !missing.isEmpty {
                try embed(photo, missing, name, makers, &batch)
            }
            if index == order.count - 1 { try batch.flush() }
            try progress(index + 1, order.count)
        }
        return batch.results
    }

    private func embed(
        _ photo: VerificationPair.Photo, _ views: Set<PhotoView>, _ name: String,
        _ makers: [PhotoView: any PhotoTreatment], _ batch: inout Batch
    ) throws {
        let image = try source.image(photo)
        let face = try mainFace(image)
        var treated: [PhotoView: TreatedPhoto] = [:]
        for treatment in treatments {
            let some = views.filter { makers[$0] === treatment }
            guard !some.isEmpty else { continue }
            treated.merge(try treatment.apply(to: image, face: face, name: photo.stem, views: some)) { $1 }
        }
        // In a fixed order, so that batches and with them the last bits are the same in every run.
        for view in views.sorted(by: { $0.rawValue < $1.rawValue }) {
            var shown = image
            var found = face
            var isTreated = true
            if view != .clean {
                guard let result = treated[view] else {
                    throw FacesError.invalidArgument(
                        "\(source.name(photo)): no treatment made the view '\(view.rawValue)'")
                }
                shown = result.image
                isTreated = result.isTreated
                switch result.face {
                case .known(let known): found = known
                case .find(let fallback): found = try mainFace(shown) ?? fallback
                }
            }
            try batch.add(
                .init(key: .init(photo, view), name: name, hasFace: found != nil, isTreated: isTreated),
                image: shown, face: found)
        }
    }

    private func mainFace(_ photo: Image) throws -> DetectedFace? {
        try detector.detect(photo).main(width: photo.width, height: photo.height)
    }

    private func makers(of views: Set<PhotoView>) throws(FacesError) -> [PhotoView: any PhotoTreatment] {
        var makers: [PhotoView: any PhotoTreatment] = [:]
        for view in views where view != .clean {
            guard let maker = treatments.first(where: { $0.views.contains(view) }) else {
                throw .invalidArgument("no treatment makes the view '\(view.rawValue)'")
            }
            makers[view] = maker
        }
        return makers
    }

    private func tables(for views: Set<PhotoView>, _ makers: [PhotoView: any PhotoTreatment])
        throws(FacesError) -> [[PhotoView: EmbeddingCache.Table]]
    {
        guard let cache else { return recognisers.map { _ in [:] } }
        var all: [[PhotoView: EmbeddingCache.Table]] = []
        for recogniser in recognisers {
            var tables: [PhotoView: EmbeddingCache.Table] = [:]
            for view in views {
                let treatment = makers[view].map { "; \($0.signature(of: view))" } ?? ""
                tables[view] = try cache.table(
                    "\(recogniser.network.name)-\(view.rawValue)\(isMirrored ? "-mirrored" : "")",
                    signature: "\(recogniser.signature); \(detectorSignature)\(treatment)",
                    dimension: recogniser.network.embeddingDimension)
            }
            all.append(tables)
        }
        return all
    }
}

/// Crops that wait to be embedded together.
private struct Batch {
    struct Item {
        let key: PhotoEmbeddings.Key
        let name: String
        let hasFace: Bool
        let isTreated: Bool
    }

    let recognisers: [EmbeddingCollector.Recogniser]
    let tables: [[PhotoView: EmbeddingCache.Table]]
    let isMirrored: Bool
    let size: Int
    var results: [PhotoEmbeddings]
    private var items: [Item] = []
    /// Of each recogniser.
    private var crops: [[Image]]

    init(
        recognisers: [EmbeddingCollector.Recogniser], tables: [[PhotoView: EmbeddingCache.Table]],
        isMirrored: Bool, size: Int
    ) {
        self.recognisers = recognisers
        self.tables = tables
        self.isMirrored = isMirrored
        self.size = size
        results = recognisers.map { _ in PhotoEmbeddings() }
        crops = recognisers.map { _ in [] }
    }

    /// Takes a row from the cache; only when every recogniser has it.
    mutating func recall(_ photo: VerificationPair.Photo, _ view: PhotoView, _ name: String) -> Bool {
        let rows = tables.compactMap { $0[view]?[name] }
        guard rows.count == recognisers.count else { return false }
        for (index, row) in rows.enumerated() { results[index].rows[.init(photo, view)] = row }
        return true
    }

    mutating func add(_ item: Item, image: Image, face: DetectedFace?) throws {
        items.append(item)
        for (index, recogniser) in recognisers.enumerated() {
            crops[index].append(try Self.crop(image, face, recogniser.network))
        }
        if items.count == size { try flush() }
    }

    /// The recogniser's crop of a face, or, for nil, the whole photo squeezed into its size.
    private static func crop(_ photo: Image, _ face: DetectedFace?, _ recogniser: any FaceRecogniser) throws
        -> Image
    {
        if let face, let crop = try? recogniser.alignment.crop(photo, face.landmarks) { return crop }
        return try photo.resized(width: recogniser.inputSize, height: recogniser.inputSize)
    }

    mutating func flush() throws {
        guard !items.isEmpty else { return }
        for (index, recogniser) in recognisers.enumerated() {
            let network = recogniser.network
            let rows = try withoutGradients {
                let input = try network.preprocess(crops[index])
                let rows = try network.embed(input)
                guard isMirrored else { return rows }
                return try (rows + network.embed(input.flip([3]))).l2Normalised(dim: 1)
            }
            let values = try rows.floats()
            let width = network.embeddingDimension
            for (number, item) in items.enumerated() {
                let row = PhotoEmbeddings.Row(
                    values: Array(values[number * width..<(number + 1) * width]), hasFace: item.hasFace,
                    isTreated: item.isTreated)
                results[index].rows[item.key] = row
                try tables[index][item.key.view]?.keep(row, for: item.name)
            }
            crops[index] = []
        }
        items = []
    }
}
