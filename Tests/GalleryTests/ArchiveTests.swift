import Foundation
import Gallery
import Imaging
import Testing

/// Galleries as plain files, and photos into galleries.
@Suite struct ArchiveTests {
    private static let model = EmbeddingModel(
        name: "means", sha256: String(repeating: "a", count: 64), dimension: 3)

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try body(folder)
    }

    private func bare(_ records: [GalleryRecord]) -> [GalleryRecord] {
        records.map { record in
            var record = record
            record.entry.id = 0
            return record
        }
    }

    /// Embeds a photo by its mean colour: no network, but a true embedding.
    private final class MeanColour: SubjectEmbedder {
        let kind = SubjectKind.person
        let model = ArchiveTests.model
        let batch = 4
        private(set) var seen = 0

        func subjects(of photos: [Image]) throws -> [[Subject]] {
            seen += photos.count
            return photos.map { photo in
                // Black shows nobody.
                guard photo.pixels.contains(where: { $0 > 10 }) else { return [] }
                let sums = (0..<3).map { channel in
                    stride(from: channel, to: photo.pixels.count, by: 3).reduce(Float(0)) {
                        $0 + Float(photo.pixels[$1])
                    }
                }
                let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return [
                    Subject(
                        embedding: sums.map { $0 / length }, attributes: ["bright": "yes"], picture: photo)
                ]
            }
        }
    }

    private func fill(_ folder: String, count: Int) throws -> [IndexItem] {
        try (0..<count).map { number in
            let path = "\(folder)/\(String(format: "%03d", number)).png"
            var image = Image(width: 6, height: 12, channels: 3, fill: UInt8(20 + number))
            image.pixels[0] = UInt8(number)
            try image.writePNG(path)
            return IndexItem(
                path: path, identity: number % 3 == 0 ? nil : "p\(number % 3)", camera: number % 2)
        }
    }

    @Test func everyDigitSurvives() throws {
        try withFolder { folder in
            let store = try EmbeddedGallery.create(
                "\(folder)/a", kind: .person, model: Self.model, actor: "t")
            let odd = "line\nbreak \"quoted\" ü /\u{1F600}"
            let entries = (0..<25).map { index in
                let angle = Float(index) * 0.17
                return NewGalleryEntry(
                    identity: index % 4 == 0 ? nil : odd + "\(index % 4)", path: "\(odd)/\(index)",
                    sha256: String(format: "%064x", index), camera: index % 5 == 0 ? nil : index,
                    time: index % 2 == 0
                        ? nil
                        : Date(timeIntervalSince1970: 1_700_000_000.000_001 + 0.123_457 * Double(index)),
                    box: index % 3 == 0 ? [1, 2, 3, index + 1] : nil,
                    attributes: index % 2 == 0 ? [:] : ["a b": odd, "c": "\(index)"],
                    embedding: [cos(angle), sin(angle), 0],
                    thumbnail: index % 3 == 1 ? nil : [0xFF, 0xD8, UInt8(index)],
                    addedAt: Date(timeIntervalSince1970: 1_600_000_000 + 0.000_001 * Double(index)))
            }
            _ = try store.add(entries, actor: "t")
            // In parts of 10, 10 and 5.
            let archive = try GalleryArchive.write(store, to: "\(folder)/out", actor: "t", partSize: 10)
            #expect(archive.images == 25)
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out")
            #expect(names.count == 7 && names.contains("vectors-00003.safetensors"))
            let copy = try EmbeddedGallery.create("\(folder)/b", kind: .person, model: Self.model, actor: "t")
            let read = try GalleryArchive(contentsOf: "\(folder)/out")
            #expect(read.model == Self.model && read.kind == .person)
            #expect(try read.add(to: copy, actor: "t") == .init(added: 25, duplicates: 0))
            #expect(try bare(copy.records(after: 0, limit: 99)) == bare(store.records(after: 0, limit: 99)))
            // What was exported once more is the same, but for ids.
            #expect(try read.add(to: copy, actor: "t") == .init(added: 0, duplicates: 25))
        }
    }

    @Test(.enabled(if: PostgresServer.programs != nil, "there is no PostgreSQL; run Scripts/setup --all"))
    func galleriesMoveToAServerAndBack() throws {
        try withFolder { folder in
            let store = try EmbeddedGallery.create(
                "\(folder)/a", kind: .person, model: Self.model, actor: "t")
            _ = try GalleryIndexer(store, embedder: MeanColour(), actor: "t")(fill(folder, count: 7))
            _ = try GalleryArchive.write(store, to: "\(folder)/out", actor: "t")
            let maker = try PostgresMaker()
            let server = try GalleryLocation.create(
                maker.location, kind: .person, model: Self.model, actor: "t")
            #expect(try GalleryArchive(contentsOf: "\(folder)/out").add(to: server, actor: "t").added == 7)
            #expect(try server.records(after: 0, limit: 99) == store.records(after: 0, limit: 99))
            _ = try GalleryArchive.write(server, to: "\(folder)/back", actor: "t")
            for name in ["entries-00001.jsonl", "vectors-00001.safetensors"] {
                #expect(
                    FileManager.default.contents(atPath: "\(folder)/back/\(name)")
                        == FileManager.default.contents(atPath: "\(folder)/out/\(name)"))
            }
        }
    }

    @Test func aStoppedExportLeavesNothing() throws {
        struct Stop: Error {}
        try withFolder { folder in
            let store = try EmbeddedGallery.create(
                "\(folder)/a", kind: .person, model: Self.model, actor: "t")
            _ = try GalleryIndexer(store, embedder: MeanColour(), actor: "t")(fill(folder, count: 9))
            #expect(throws: Stop.self) {
                try GalleryArchive.write(store, to: "\(folder)/out", actor: "t", partSize: 4) { done, _ in
                    if done > 4 { throw Stop() }
                }
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(!left.contains { $0.contains("out") })
            #expect(try !store.audit(after: 0, limit: 99).contains { $0.action == .export })
        }
    }

    @Test func anEmptyGalleryCanBeExported() throws {
        try withFolder { folder in
            let store = try EmbeddedGallery.create("\(folder)/a", kind: .face, model: Self.model, actor: "t")
            #expect(try GalleryArchive.write(store, to: "\(folder)/out", actor: "t").images == 0)
            let copy = try EmbeddedGallery.create("\(folder)/b", kind: .face, model: Self.model, actor: "t")
            #expect(try GalleryArchive(contentsOf: "\(folder)/out").add(to: copy, actor: "t").added == 0)
        }
    }

    @Test func damagedArchivesAddNothing() throws {
        try withFolder { folder in
            let store = try EmbeddedGallery.create(
                "\(folder)/a", kind: .person, model: Self.model, actor: "t")
            _ = try GalleryIndexer(store, embedder: MeanColour(), actor: "t")(fill(folder, count: 6))
            _ = try GalleryArchive.write(store, to: "\(folder)/out", actor: "t", partSize: 3)
            let copy = try EmbeddedGallery.create("\(folder)/b", kind: .person, model: Self.model, actor: "t")
            for name in ["entries-00002.jsonl", "vectors-00002.safetensors"] {
                let url = URL(filePath: "\(folder)/out/\(name)")
                let whole = try Data(contentsOf: url)
                var bytes = whole
                bytes[bytes.count / 2] ^= 1
                try bytes.write(to: url)
                #expect {
                    try GalleryArchive(contentsOf: "\(folder)/out").add(to: copy, actor: "t")
                } throws: { "\($0)".contains(name) }
                try FileManager.default.removeItem(at: url)
                #expect {
                    try GalleryArchive(contentsOf: "\(folder)/out").add(to: copy, actor: "t")
                } throws: { "\($0)".contains("missing") }
                try whole.write(to: url)
            }
            #expect(try copy.statistics().images == 0)
            var other = Self.model
            other.unmasked = true
            let third = try EmbeddedGallery.create("\(folder)/c", kind: .person, model: other, actor: "t")
            #expect(throws: GalleryError.self) {
                try GalleryArchive(contentsOf: "\(folder)/out").add(to: third, actor: "t")
            }
        }
    }

    @Test func knownPhotosAreNotEmbeddedAgain() throws {
        try withFolder { folder in
            let store = try EmbeddedGallery.create(
                "\(folder)/a", kind: .person, model: Self.model, actor: "t")
            var items = try fill(folder, count: 10)
            let embedder = MeanColour()
            let indexer = try GalleryIndexer(store, embedder: embedder, actor: "t")
            // A file that is none, a black one, and one that is there twice under two names.
            try Image(width: 6, height: 12, channels: 3).writePNG("\(folder)/black.png")
            try Data([1, 2, 3]).write(to: URL(filePath: "\(folder)/broken.png"))
            try FileManager.default.copyItem(atPath: items[0].path, toPath: "\(folder)/twin.png")
            items += ["black", "broken", "twin", "absent"].map { IndexItem(path: "\(folder)/\($0).png") }
            var steps: [Int] = []
            let report = try indexer(items) { steps.append($0.done) }
            #expect(steps == [0, 4, 8, 12, 14])
            #expect(report.added == 10 && report.duplicates == 1 && report.empty == ["\(folder)/black.png"])
            #expect(report.unreadable.map(\.file) == ["\(folder)/broken.png", "\(folder)/absent.png"])
            #expect(embedder.seen == 11)
            let again = try indexer(items)
            #expect(again.added == 0 && again.duplicates == 11 && embedder.seen == 12)
            let records = try store.records(after: 0, limit: 99)
            #expect(records.map(\.entry.path) == items.prefix(10).map(\.path))
            #expect(records.map(\.entry.camera) == items.prefix(10).map(\.camera))
            #expect(try records.allSatisfy { try Image.decode($0.thumbnail ?? []).height == 12 })
            #expect(records.allSatisfy { $0.entry.attributes == ["bright": "yes"] })
            #expect(try store.attributes() == ["bright": ["yes": 10]])
        }
    }
}
