import Foundation
import Gallery
import Testing

/// What every gallery store must do, whatever it is made of.
enum StoreContract: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case addition, duplicates, refusals, searchOrder, ties, filters, filtersWithGraph, paging, deletion,
        deletionByTime, deletionWithGraph, knownHashes, statistics, audit, recall, additionsToGraph,
        integrity,
        severalHandles, concurrency, emptyGallery, cancellation, otherModels

    var testDescription: String { rawValue }

    func check(_ maker: some StoreMaker) throws {
        let store = try maker.create(.person, Sample.model)
        switch self {
        case .addition: try Self.addition(store, maker)
        case .duplicates: try Self.duplicates(store)
        case .refusals: try Self.refusals(store)
        case .searchOrder: try Self.searchOrder(store)
        case .ties: try Self.ties(store)
        case .filters: try Self.filters(store, .exact)
        case .filtersWithGraph: try Self.filters(store, .hnsw)
        case .paging: try Self.paging(store)
        case .deletion: try Self.deletion(store, maker)
        case .deletionByTime: try Self.deletionByTime(store, maker)
        case .deletionWithGraph: try Self.deletionWithGraph(store, maker)
        case .knownHashes: try Self.knownHashes(store)
        case .statistics: try Self.statistics(store)
        case .audit: try Self.audit(store)
        case .recall: try Self.recall(store)
        case .additionsToGraph: try Self.additionsToGraph(store, maker)
        case .integrity: try Self.integrity(store)
        case .severalHandles: try Self.severalHandles(store, maker)
        case .concurrency: try Self.concurrency(store, maker)
        case .emptyGallery: try Self.emptyGallery(store)
        case .cancellation: try Self.cancellation(store)
        case .otherModels: Self.otherModels(store)
        }
    }

    private static func addition(_ store: any GalleryStore, _ maker: some StoreMaker) throws {
        let entries = Sample.entries(30)
        let report = try store.add(entries, actor: "tests")
        #expect(report.added == 30 && report.duplicates.isEmpty)
        #expect(report.ids == report.ids.sorted() && Set(report.ids).count == 30)
        for store in [store, try maker.reopen(store)] {
            #expect(store.kind == .person && store.model == Sample.model)
            let records = try store.records(after: 0, limit: 100)
            #expect(records.map(\.entry.id) == report.ids)
            for (entry, record) in zip(entries, records) {
                #expect(record.embedding == entry.embedding && record.thumbnail == entry.thumbnail)
                let found = record.entry
                #expect(found.identity == entry.identity && found.path == entry.path)
                #expect(found.sha256 == entry.sha256 && found.camera == entry.camera)
                #expect(found.time == entry.time && found.box == entry.box)
                #expect(found.attributes == entry.attributes && found.addedAt == entry.addedAt)
                #expect(try store.entry(found.id) == found)
                #expect(try store.thumbnail(found.id) == entry.thumbnail)
            }
            #expect(
                try store.records(after: report.ids[9], limit: 5).map(\.entry.id)
                    == Array(report.ids[10..<15]))
            #expect(try store.entry(12345) == nil && store.thumbnail(12345) == nil)
        }
        var bare = NewGalleryEntry(
            path: "it's \"here\"; DROP TABLE images; --/\u{1F642}.jpg",
            sha256: String(repeating: "F", count: 64),
            embedding: Random.unit(7))
        bare.identity = "O'Brien, \"Зоя\" %_\\"
        let before = Date()
        let id = try store.added([bare])[0]
        let found = try #require(try store.entry(id))
        #expect(found.path == bare.path && found.identity == bare.identity)
        #expect(found.sha256 == String(repeating: "f", count: 64))
        #expect(found.camera == nil && found.time == nil && found.box == nil && found.attributes.isEmpty)
        #expect(
            found.addedAt.timeIntervalSince(before) > -0.01 && found.addedAt.timeIntervalSince(before) < 60)
        #expect(try store.thumbnail(id) == nil)
        #expect(
            try store.find(.init(identities: [bare.identity!]), top: 5, offset: 0, actor: "tests") == [found])
    }

    private static func duplicates(_ store: any GalleryStore) throws {
        var entries = Sample.entries(4)
        entries[2].sha256 = entries[0].sha256
        entries[2].box = entries[0].box
        entries[3].sha256 = entries[1].sha256.uppercased()
        entries[3].box = [9, 9, 9, 9]
        let first = try store.add(entries, actor: "tests")
        #expect(first.duplicates == [2] && first.added == 3)
        #expect(first.ids[2] == first.ids[0] && first.ids[3] > first.ids[1])
        let second = try store.add(entries, actor: "tests")
        #expect(second.ids == first.ids && second.duplicates == [0, 1, 2, 3] && second.added == 0)
        #expect(try store.all().count == 3)
        #expect(try store.add([], actor: "tests") == AddReport(ids: [], duplicates: []))
    }

    private static func refusals(_ store: any GalleryStore) throws {
        let good = Sample.entries(3)
        func refuse(_ reason: String, _ change: (inout NewGalleryEntry) -> Void) throws {
            var entries = good
            change(&entries[1])
            let error = #expect(throws: GalleryError.self) { try store.add(entries, actor: "tests") }
            guard case .invalidArgument(let text) = error else {
                Issue.record("\(reason): \(String(describing: error))")
                return
            }
            #expect(text.contains("entry 1") && text.contains(reason), "\(text)")
            #expect(try store.all().isEmpty, "\(reason)")
        }
        try refuse("31 values") { $0.embedding.removeLast() }
        try refuse("no number") { $0.embedding[3] = .nan }
        try refuse("no number") { $0.embedding[3] = .infinity }
        try refuse("divide it by that") { $0.embedding = $0.embedding.map { 2 * $0 } }
        try refuse("SHA-256") { $0.sha256 = "abc" }
        try refuse("SHA-256") { $0.sha256 = String(repeating: "g", count: 64) }
        try refuse("box") { $0.box = [1, 2, 3] }
        try refuse("box") { $0.box = [1, 2, 0, 4] }
        try refuse("identity") { $0.identity = "" }
        try refuse("no path") { $0.path = "" }
        try refuse("attribute") { $0.attributes = ["": "x"] }
        try refuse("time") { $0.time = Date(timeIntervalSince1970: .nan) }
        #expect(throws: GalleryError.self) { try store.hits([1, 0]) }
        #expect(throws: GalleryError.self) { try store.hits([Float](repeating: 1, count: 32)) }
        #expect(throws: GalleryError.self) { try store.hits(Random.unit(1), 0) }
    }

    private static func searchOrder(_ store: any GalleryStore) throws {
        let entries = Sample.entries(400)
        let ids = try store.added(entries)
        for seed in 100..<120 as Range<UInt64> {
            let query = Random.unit(seed)
            let hits = try store.hits(query, 25)
            let expected = Sample.nearest(query, entries, top: 25)
            #expect(hits.map(\.entry.id) == expected.map { ids[$0.position] })
            #expect(hits.map(\.rank) == Array(1...25))
            for (hit, wanted) in zip(hits, expected) {
                #expect(abs(Double(hit.similarity) - wanted.similarity) < 1e-5)
            }
            #expect(hits[3].entry == (try store.entry(hits[3].entry.id)))
        }
        #expect(try store.hits(Random.unit(1), 1000).count == 400)
    }

    private static func ties(_ store: any GalleryStore) throws {
        var entries = Sample.entries(60)
        for index in stride(from: 1, to: 60, by: 2) { entries[index].embedding = entries[1].embedding }
        let ids = try store.added(entries)
        let hits = try store.hits(entries[1].embedding, 20)
        #expect(hits.map(\.entry.id) == (0..<20).map { ids[2 * $0 + 1] })
        #expect(Set(hits.map(\.similarity)).count == 1)
    }

    /// Filters, with what they mean for an entry's position.
    private static let conditions: [(GalleryFilter, @Sendable (Int) -> Bool)] = [
        (
            .init(identities: ["person-3", "person-8", "nobody"]),
            { $0 % 7 != 6 && [3, 8].contains($0 % 20) }
        ),
        (.init(identities: ["nobody"]), { _ in false }),
        (.init(identities: [], cameras: []), { _ in true }),
        (.init(cameras: [2, 4]), { [2, 4].contains($0 % 6) }),
        (.init(after: Sample.start.addingTimeInterval(60 * 100)), { $0 % 5 != 4 && $0 >= 100 }),
        (.init(before: Sample.start.addingTimeInterval(60 * 100)), { $0 % 5 != 4 && $0 < 100 }),
        (.init(attributes: [.init(name: "upper", value: "red")]), { $0 % 3 == 0 }),
        (
            .init(attributes: [.init(name: "upper", value: "red"), .init(name: "backpack", value: "yes")]),
            { $0 % 12 == 0 }
        ),
        (
            .init(
                identities: ["person-5"], cameras: [5, 1], after: Sample.start,
                attributes: [.init(name: "upper", value: "blue")]),
            { $0 % 7 != 6 && $0 % 20 == 5 && [5, 1].contains($0 % 6) && $0 % 5 != 4 && $0 % 3 != 0 }
        ),
    ]

    private static func filters(_ store: any GalleryStore, _ kind: IndexGoal.Kind) throws {
        let entries = Sample.entries(700)
        let ids = try store.added(entries)
        var counts: [String: [String: Int]] = [:]
        for (name, value) in entries.flatMap(\.attributes) {
            counts[name, default: [:]][value, default: 0] += 1
        }
        #expect(try store.attributes() == counts && counts.count > 1)
        #expect(try store.optimised(kind).kind == kind.rawValue)
        for (number, (filter, matches)) in conditions.enumerated() {
            let query = Random.unit(UInt64(200 + number))
            let found = try store.find(filter, top: 10_000, offset: 0, actor: "tests")
            #expect(found.map(\.id) == ids.indices.filter(matches).map { ids[$0] }, "\(filter)")
            if filter.identities == [] { continue }
            let hits = try store.hits(query, 30, filter)
            let expected = Sample.nearest(query, entries, top: 30, where: matches)
            #expect(hits.map(\.entry.id) == expected.map { ids[$0.position] }, "\(filter)")
        }
    }

    private static func paging(_ store: any GalleryStore) throws {
        let ids = try store.added(Sample.entries(25))
        var found: [Int64] = []
        for offset in stride(from: 0, to: 30, by: 10) {
            found += try store.find(.init(), top: 10, offset: offset, actor: "tests").map(\.id)
        }
        #expect(found == ids)
        #expect(try store.find(.init(), top: 0, offset: 0, actor: "tests").isEmpty)
        #expect(try store.find(.init(), top: 10, offset: 99, actor: "tests").isEmpty)
        #expect(throws: GalleryError.self) { try store.find(.init(), top: 1, offset: -1, actor: "tests") }
    }

    private static func deletion(_ store: any GalleryStore, _ maker: some StoreMaker) throws {
        let entries = Sample.entries(200)
        let ids = try store.added(entries)
        #expect(
            try store.delete(.person("nobody"), actor: "tests")
                == .init(images: 0, identities: 0, isErased: true))
        #expect(try store.delete(.image(987_654), actor: "tests").images == 0)
        _ = try store.hits(Random.unit(3))

        let person = entries.indices.filter { entries[$0].identity == "person-3" }
        let first = try store.delete(.person("person-3"), actor: "tests")
        #expect(
            first.images == person.count && first.identities == 1 && first.isErased == maker.provesErasure
                && (first.remark == nil) == maker.provesErasure, "\(first)")
        let second = try store.delete(.image(ids[0]), actor: "tests")
        #expect(
            second.images == 1 && second.identities == 0 && second.isErased == maker.provesErasure,
            "\(second)")
        let third = try store.delete(.path(entries[10].path), actor: "tests")
        #expect(third.images == 1 && third.isErased == maker.provesErasure, "\(third)")

        let gone = Set(person + [0, 10])
        let left = ids.indices.filter { !gone.contains($0) }.map { ids[$0] }
        for store in [store, try maker.reopen(store)] {
            #expect(try store.all().map(\.id) == left)
            for position in gone {
                #expect(try store.entry(ids[position]) == nil && store.thumbnail(ids[position]) == nil)
                let hits = try store.hits(entries[position].embedding, 200)
                #expect(hits.count == left.count && !hits.contains { $0.entry.id == ids[position] })
            }
            #expect(try store.statistics().images == left.count)
            #expect(try store.checkIntegrity().isSound)
        }
        // Ids are never used again, even that of the newest.
        #expect(try store.delete(.image(ids[199]), actor: "tests").images == 1)
        let again = try store.added([entries[199], entries[0]])
        #expect(again[0] > ids[199] && again[1] > again[0])
    }

    private static func deletionByTime(_ store: any GalleryStore, _ maker: some StoreMaker) throws {
        var entries = Sample.entries(50)
        // Without a time, the time of addition counts.
        for index in entries.indices {
            entries[index].addedAt = Sample.start.addingTimeInterval(Double(60 * index))
        }
        let ids = try store.added(entries)
        let report = try store.delete(.before(Sample.start.addingTimeInterval(60 * 20)), actor: "tests")
        #expect(report.images == 20 && report.isErased == maker.provesErasure, "\(report)")
        #expect(try store.all().map(\.id) == Array(ids[20...]))
    }

    private static func deletionWithGraph(_ store: any GalleryStore, _ maker: some StoreMaker) throws {
        let entries = Sample.entries(900, people: 30)
        let ids = try store.added(entries)
        try store.optimised(.hnsw, recall: 0.99)
        let other = try maker.reopen(store)
        let before = try share(other, entries, ids, without: [])
        let gone = entries.indices.filter { entries[$0].identity.map { $0.hasSuffix("5") } ?? false }
        for name in ["person-5", "person-15", "person-25"] {
            #expect(try store.delete(.person(name), actor: "tests").isErased == maker.provesErasure)
        }
        #expect(try store.delete(.image(ids[0]), actor: "tests").images == 1)
        let missing = Set(gone + [0])
        for store in [store, other, try maker.reopen(store)] {
            let after = try share(store, entries, ids, without: missing)
            #expect(after >= before - 0.02, "recall \(after), before the deletion \(before)")
            let report = try store.checkIntegrity()
            #expect(report.isSound, "\(report)")
        }
        #expect(try store.statistics().index.kind == "hnsw")
    }

    /// Recall of random queries, which lie between the people and are the hardest; none may find what is gone.
    private static func share(
        _ store: any GalleryStore, _ entries: [NewGalleryEntry], _ ids: [Int64], without gone: Set<Int>
    ) throws -> Double {
        var found = 0
        for seed in 300..<360 as Range<UInt64> {
            let query = Random.unit(seed)
            let hits = try store.hits(query, 10).map(\.entry.id)
            #expect(hits.count == 10 && Set(hits).isDisjoint(with: gone.map { ids[$0] }))
            let wanted = Sample.nearest(query, entries, top: 10) { !gone.contains($0) }
            found += Set(hits).intersection(wanted.map { ids[$0.position] }).count
        }
        return Double(found) / 600
    }

    private static func knownHashes(_ store: any GalleryStore) throws {
        let entries = Sample.entries(10)
        _ = try store.added(entries)
        let strange = String(repeating: "0", count: 64)
        #expect(
            try store.known([entries[3].sha256, strange, entries[7].sha256]) == [
                entries[3].sha256, entries[7].sha256,
            ])
        #expect(try store.known([]).isEmpty)
    }

    private static func statistics(_ store: any GalleryStore) throws {
        var entries = Sample.entries(60)
        entries[1].thumbnail = nil
        entries[2].camera = nil
        _ = try store.added(entries)
        let found = try store.statistics()
        #expect(found.kind == .person && found.model == Sample.model && found.location == store.location)
        #expect(found.images == 60 && found.unidentified == 8 && found.identities == 20)
        #expect(found.cameras == [0: 10, 1: 10, 2: 9, 3: 10, 4: 10, 5: 10])
        #expect(found.thumbnails == 59 && found.bytes > 60 * 128)
        #expect(found.earliest == Sample.start)
        #expect(found.latest == Sample.start.addingTimeInterval(60 * 58))
        #expect(found.index.kind == "exact" && found.index.recall == 1)
        #expect(found.schemaVersion == 1)
    }

    private static func audit(_ store: any GalleryStore) throws {
        let entries = Sample.entries(20)
        let ids = try store.add(entries, actor: "anna").ids
        _ = try store.search(
            entries[0].embedding, top: 3, filter: .init(identities: ["person-1"], cameras: [1]), actor: "ben")
        _ = try store.find(.init(cameras: [1]), top: 3, offset: 0, actor: "carl")
        _ = try store.delete(.person("person-2"), actor: "dora")
        _ = try store.delete(.path(entries[4].path), actor: "dora")
        try store.record(.export, detail: ["images": "18"], actor: "emil")
        _ = try store.optimise(IndexGoal(kind: .exact), actor: "fritz") { _ in }
        let log = try store.audit(after: 0, limit: 100)
        #expect(log.map(\.action) == [.create, .add, .search, .find, .delete, .delete, .export, .optimise])
        #expect(log.map(\.actor) == ["tests", "anna", "ben", "carl", "dora", "dora", "emil", "fritz"])
        #expect(log.map(\.id) == log.map(\.id).sorted())
        #expect(log[1].detail["images"] == "20" && log[4].detail["images"] == "1")
        #expect(log[2].detail["conditions"] == "identity, camera" && log[6].detail == ["images": "18"])
        #expect(log.allSatisfy { abs($0.time.timeIntervalSinceNow) < 60 })
        for record in log {
            for value in record.detail.values {
                #expect(!value.contains("person-") && !value.contains("photos/") && !value.contains("sha"))
            }
        }
        #expect(try store.audit(after: log[5].id, limit: 1) == [log[6]])
        #expect(ids.count == 20)
    }

    private static func recall(_ store: any GalleryStore) throws {
        let entries = Sample.entries(1500, people: 60)
        let ids = try store.added(entries)
        var steps: [IndexProgress] = []
        let summary = try store.optimise(IndexGoal(kind: .hnsw, recall: 0.97), actor: "tests") {
            steps.append($0)
        }
        #expect(summary.kind == "hnsw" && summary.recall >= 0.97 && summary.recall <= 1)
        #expect((summary.milliseconds ?? 0) > 0 && !steps.isEmpty)
        #expect(steps.allSatisfy { $0.done <= $0.total && !$0.step.isEmpty })
        #expect(try store.statistics().index.kind == "hnsw")
        // Measured once more, against brute force, with queries that are not in the gallery.
        var found = 0
        var random = Random(77)
        for index in 0..<50 {
            let query = random.direction(32, near: entries[index].embedding)
            let wanted = Set(Sample.nearest(query, entries, top: 10).map { ids[$0.position] })
            found += Set(try store.hits(query, 10).map(\.entry.id)).intersection(wanted).count
        }
        #expect(Double(found) / 500 >= 0.93, "\(found) of 500")
        #expect(try store.optimised(.exact).recall == 1)
        #expect(try store.statistics().index.kind == "exact")
        #expect(try store.optimised(.automatic).kind == "exact")
        #expect(throws: GalleryError.self) { try store.optimised(.hnsw, recall: 1.5) }
    }

    private static func additionsToGraph(_ store: any GalleryStore, _ maker: some StoreMaker) throws {
        let entries = Sample.entries(800)
        var ids = try store.added(Array(entries[..<500]))
        try store.optimised(.hnsw, recall: 0.99)
        let other = try maker.reopen(store)
        #expect(try other.hits(entries[0].embedding, 1)[0].entry.id == ids[0])
        ids += try store.added(Array(entries[500...]))
        for store in [store, other, try maker.reopen(store)] {
            let right = try entries.indices.filter {
                try store.hits(entries[$0].embedding, 1)[0].entry.id == ids[$0]
            }
            #expect(right.count >= 792, "\(right.count) of 800 find themselves")
            #expect(try store.checkIntegrity().isSound)
        }
    }

    private static func integrity(_ store: any GalleryStore) throws {
        #expect(try store.checkIntegrity().isSound)
        _ = try store.added(Sample.entries(300))
        _ = try store.delete(.person("person-1"), actor: "tests")
        for kind in [IndexGoal.Kind.exact, .hnsw] {
            try store.optimised(kind)
            let report = try store.checkIntegrity()
            #expect(report.isSound, "\(report)")
            #expect(report.checks.count >= 4 && report.checks.allSatisfy { !$0.detail.isEmpty })
        }
    }

    private static func severalHandles(_ store: any GalleryStore, _ maker: some StoreMaker) throws {
        let other = try maker.reopen(store)
        let entries = Sample.entries(40)
        for (number, entry) in entries.enumerated() {
            let (writer, reader) = number % 2 == 0 ? (store, other) : (other, store)
            let id = try writer.added([entry])[0]
            #expect(try reader.hits(entry.embedding, 1)[0].entry.id == id)
            if number % 5 == 0 {
                #expect(try writer.delete(.image(id), actor: "tests").images == 1)
                #expect(try !reader.hits(entry.embedding, 40).contains { $0.entry.id == id })
            }
        }
    }

    private static func concurrency(_ store: any GalleryStore, _ maker: some StoreMaker) throws {
        let entries = Sample.entries(240)
        _ = try store.added(Array(entries[..<40]))
        let other = try maker.reopen(store)
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 6) { worker in
            do {
                var random = Random(UInt64(worker))
                for round in 0..<20 {
                    if worker < 2 {
                        // Writers: what was added is found at once, what was deleted never again.
                        let start = 40 + 100 * worker + 5 * round
                        let (store, reader) = worker == 0 ? (store, other) : (other, store)
                        let ids = try store.added(Array(entries[start..<(start + 5)]))
                        let hit = try reader.hits(entries[start].embedding, 1).first
                        if hit?.entry.id != ids[0] {
                            failures.note("\(start) is not found: \(String(describing: hit))")
                        }
                        if try store.delete(.image(ids[1]), actor: "tests").images != 1 {
                            failures.note("not deleted")
                        }
                        if try reader.hits(entries[start + 1].embedding, 300).contains(where: {
                            $0.entry.id == ids[1]
                        }) {
                            failures.note("\(ids[1]) is found after its deletion")
                        }
                    } else {
                        let hits = try (worker % 2 == 0 ? store : other).hits(random.direction(32), 30)
                        if hits.count != 30 { failures.note("\(hits.count) hits") }
                        if zip(hits, hits.dropFirst()).contains(where: { $0.similarity < $1.similarity }) {
                            failures.note("out of order")
                        }
                    }
                }
            } catch { failures.note("\(error)") }
        }
        #expect(failures.all.isEmpty, "\(failures.all.prefix(5))")
        #expect(try store.all().count == 40 + 2 * 20 * 4)
        #expect(try store.checkIntegrity().isSound)
    }

    private static func emptyGallery(_ store: any GalleryStore) throws {
        #expect(try store.hits(Random.unit(1)).isEmpty && store.all().isEmpty)
        #expect(try store.statistics().images == 0 && store.records(after: 0, limit: 5).isEmpty)
        #expect(try store.optimised(.automatic).kind == "exact")
        #expect(try store.checkIntegrity().isSound)
    }

    private static func cancellation(_ store: any GalleryStore) throws {
        _ = try store.added(Sample.entries(300))
        #expect(throws: GalleryError.cancelled) {
            try store.optimise(IndexGoal(kind: .hnsw), actor: "tests") { _ throws(GalleryError) in
                throw .cancelled
            }
        }
        #expect(try store.statistics().index.kind == "exact" && store.hits(Random.unit(1)).count == 10)
        #expect(try store.checkIntegrity().isSound)
    }

    private static func otherModels(_ store: any GalleryStore) {
        var other = Sample.model
        #expect(throws: Never.self) { try store.require(kind: .person, model: other) }
        other.unmasked = true
        #expect(throws: GalleryError.otherModel(path: store.location, gallery: Sample.model, given: other)) {
            try store.require(kind: .person, model: other)
        }
        #expect(throws: GalleryError.otherKind(path: store.location, gallery: .person, given: .face)) {
            try store.require(kind: .face, model: Sample.model)
        }
    }
}

extension Random {
    static func unit(_ seed: UInt64) -> [Float] {
        var random = Random(seed)
        return random.direction(Sample.dimension)
    }
}

/// What went wrong on other threads.
final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var texts: [String] = []

    func note(_ text: String) { lock.withLock { texts.append(text) } }
    var all: [String] { lock.withLock { texts } }
}
