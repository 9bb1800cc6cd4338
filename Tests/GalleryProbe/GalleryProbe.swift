import Foundation
import Gallery
import Training

/// A process that works on a gallery until it is killed:
///
///     GalleryProbe create PATH
///     GalleryProbe work PATH SEED       adds, deletes and now and then optimises, without end
///     GalleryProbe check PATH           opens, checks, and prints "entry ID SHA256" of everything there
///
/// `work` prints one line for each call that returned, so that whoever kills it knows what must be there afterwards:
///
///     added ID SHA256 …
///     deleting ID …                     before the call
///     deleted ID …
///     optimised
@main
struct GalleryProbe {
    static let model = EmbeddingModel(name: "probe", sha256: String(repeating: "0", count: 64), dimension: 64)

    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws {
        switch (arguments.first, arguments.count) {
        case ("create", 2):
            _ = try EmbeddedGallery.create(arguments[1], kind: .person, model: model, actor: "probe")
        case ("work", 3):
            guard let seed = UInt64(arguments[2]) else { fallthrough }
            try work(EmbeddedGallery.open(arguments[1]), seed: seed)
        case ("check", 2):
            try check(EmbeddedGallery.open(arguments[1]))
        default:
            FileHandle.standardError.write(
                Data("usage: GalleryProbe create PATH | work PATH SEED | check PATH\n".utf8))
            exit(64)
        }
    }

    /// One write, so that a line is there whole or not at all.
    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress!, $0.count) }
    }

    private static func work(_ store: EmbeddedGallery, seed: UInt64) throws {
        var random = SampleRandom(seed: seed)
        var ids = try store.find(.init(), top: .max, offset: 0, actor: "probe").map(\.id)
        var round = 0
        say("ready")
        while true {
            round += 1
            switch random.next() % 10 {
            case 0...5:
                let entries = (0..<(1 + random.next() % 12)).map { _ in entry(&random) }
                let report = try store.add(entries, actor: "probe")
                ids += report.ids
                say("added " + zip(report.ids, entries).map { "\($0) \($1.sha256)" }.joined(separator: " "))
            case 6...8:
                guard !ids.isEmpty else { continue }
                let id = ids.remove(at: Int(random.next() % UInt64(ids.count)))
                let selection = try random.next() % 4 == 0 ? person(of: id, store) : .image(id)
                let before = Set(try matching(selection, store))
                let list = before.sorted().map { "\($0)" }.joined(separator: " ")
                say("deleting " + list)
                let report = try store.delete(selection, actor: "probe")
                guard report.images == before.count, report.isErased else {
                    throw GalleryError.invalidArgument("deleted \(report), expected \(before.count) entries")
                }
                ids.removeAll { before.contains($0) }
                say("deleted " + list)
            default:
                guard round % 3 == 0 else { continue }
                let kind: IndexGoal.Kind = random.next() % 4 == 0 ? .exact : .hnsw
                _ = try store.optimise(IndexGoal(kind: kind, recall: 0.9, threads: 1), actor: "probe") { _ in
                }
                say("optimised")
            }
        }
    }

    private static func person(of id: Int64, _ store: EmbeddedGallery) throws -> GallerySelection {
        guard let name = try store.entry(id)?.identity else { return .image(id) }
        return .person(name)
    }

    private static func matching(_ selection: GallerySelection, _ store: EmbeddedGallery) throws -> [Int64] {
        switch selection {
        case .person(let name):
            try store.find(.init(identities: [name]), top: .max, offset: 0, actor: "probe").map(\.id)
        case .image(let id): [id]
        case .path, .before: []
        }
    }

    private static func entry(_ random: inout SampleRandom) -> NewGalleryEntry {
        let values = (0..<model.dimension).map { _ in random.unit() - 0.5 }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let number = random.next()
        return NewGalleryEntry(
            identity: number % 5 == 0 ? nil : "person-\(number % 40)",
            path: "photos/of a probe with a long enough name/\(number).jpg",
            sha256: (0..<4).map { _ in hex(random.next()) }.joined(), camera: Int(number % 6),
            attributes: ["upper": number % 2 == 0 ? "red" : "blue"],
            embedding: values.map { Float($0 / length) },
            thumbnail: (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next() >> 8) })
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func check(_ store: EmbeddedGallery) throws {
        let report = try store.checkIntegrity()
        for check in report.checks where !check.isSound { say("unsound \(check.name): \(check.detail)") }
        for entry in try store.find(.init(), top: .max, offset: 0, actor: "probe") {
            say("entry \(entry.id) \(entry.sha256)")
        }
        say("checked")
    }
}
