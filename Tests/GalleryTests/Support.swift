import Foundation
import Gallery
import Training

/// A folder that is removed afterwards.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "semblance-gallery-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
    func file(_ name: String) -> String { "\(path)/\(name)" }
    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }
}

/// Made-up embeddings and bytes.
struct Random: RandomNumberGenerator {
    private var source: SampleRandom

    init(_ seed: UInt64) { source = SampleRandom(seed: seed) }

    mutating func next() -> UInt64 { source.next() }

    /// Of unit length, in a random direction.
    mutating func direction(_ dimension: Int, near centre: [Float]? = nil, spread: Double = 0.5) -> [Float] {
        var values = (0..<dimension).map { _ -> Double in
            let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &self))).squareRoot()
            return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
        }
        if let centre {
            let scale = spread / Double(dimension).squareRoot()
            values = zip(values, centre).map { $0 * scale + Double($1) }
        }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { Float($0 / length) }
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    mutating func hex() -> String { bytes(32).map { String(format: "%02x", $0) }.joined() }
}

enum Sample {
    static let dimension = 32
    static let model = EmbeddingModel(
        name: "sample", sha256: String(repeating: "ab", count: 32), dimension: dimension)
    static let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// People seen by six cameras, one image a minute: image i shows person i % people. Every seventh shows nobody known,
    /// every fifth has no time, every third is "red".
    static func entries(
        _ count: Int, people: Int = 20, seed: UInt64 = 1, dimension: Int = dimension,
        prefix: String = "photos"
    ) -> [NewGalleryEntry] {
        var random = Random(seed)
        let centres = (0..<people).map { _ in random.direction(dimension) }
        return (0..<count).map { index in
            NewGalleryEntry(
                identity: index % 7 == 6 ? nil : "person-\(index % people)",
                path: "\(prefix)/a folder with a long name/image number \(index).jpg", sha256: random.hex(),
                camera: index % 6, time: index % 5 == 4 ? nil : start.addingTimeInterval(Double(60 * index)),
                box: index % 2 == 0 ? nil : [index, 2, 30, 40],
                attributes: [
                    "upper": index % 3 == 0 ? "red" : "blue", "backpack": index % 4 == 0 ? "yes" : "no",
                ],
                embedding: random.direction(dimension, near: centres[index % people]),
                thumbnail: random.bytes(300), addedAt: start.addingTimeInterval(Double(index)))
        }
    }

    /// What must be found, computed without the gallery: positions with similarities, best first, ties by position.
    static func nearest(
        _ query: [Float], _ entries: [NewGalleryEntry], top: Int, where matches: (Int) -> Bool = { _ in true }
    ) -> [(position: Int, similarity: Double)] {
        let all = entries.indices.filter(matches).map { position in
            (
                position,
                zip(query, entries[position].embedding).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            )
        }
        return Array(all.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.prefix(top))
    }
}

/// Makes stores of one kind for the shared tests.
protocol StoreMaker: Sendable {
    /// Whether deletions can be shown to leave nothing.
    var provesErasure: Bool { get }
    func create(_ kind: SubjectKind, _ model: EmbeddingModel) throws -> any GalleryStore
    /// The same gallery once more, as another process would see it.
    func reopen(_ store: any GalleryStore) throws -> any GalleryStore
}

extension GalleryStore {
    func added(_ entries: [NewGalleryEntry]) throws -> [Int64] { try add(entries, actor: "tests").ids }

    func hits(_ query: [Float], _ top: Int = 10, _ filter: GalleryFilter = .init()) throws -> [GalleryHit] {
        try search(query, top: top, filter: filter, actor: "tests")
    }

    func all() throws -> [GalleryEntry] { try find(.init(), top: 1_000_000, offset: 0, actor: "tests") }

    @discardableResult
    func optimised(_ kind: IndexGoal.Kind, recall: Double = 0.95) throws -> IndexSummary {
        try optimise(IndexGoal(kind: kind, recall: recall), actor: "tests") { _ in }
    }
}
