import CSQLite
import Foundation
import Gallery
import Testing

struct EmbeddedMaker: StoreMaker {
    let folder: TemporaryFolder
    let provesErasure = true

    func create(_ kind: SubjectKind, _ model: EmbeddingModel) throws -> any GalleryStore {
        try EmbeddedGallery.create(folder.file("people.gallery"), kind: kind, model: model, actor: "tests")
    }

    func reopen(_ store: any GalleryStore) throws -> any GalleryStore {
        try EmbeddedGallery.open(store.location)
    }
}

@Suite struct EmbeddedGalleryTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("people.gallery")
    }

    @Test(arguments: StoreContract.allCases) func contract(_ part: StoreContract) throws {
        try part.check(EmbeddedMaker(folder: folder))
    }

    private func make(_ model: EmbeddingModel = Sample.model) throws -> EmbeddedGallery {
        try EmbeddedGallery.create(path, kind: .person, model: model, actor: "tests")
    }

    /// Runs SQL on the file behind the gallery's back.
    private func tamper(_ sql: String) throws {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        try #require(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
        let status = sqlite3_exec(handle, sql, nil, nil, nil)
        try #require(status == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
    }

    private func flip(_ file: String, at offset: Int) throws {
        var data = try Data(contentsOf: URL(filePath: file))
        data[offset] ^= 0x10
        try data.write(to: URL(filePath: file))
    }

    // MARK: opening

    @Test func creatingNeverReplaces() throws {
        try Data("precious".utf8).write(to: URL(filePath: path))
        #expect(throws: GalleryError.exists(path: path)) { try make() }
        #expect(
            try folder.bytes("people.gallery") == Data("precious".utf8) && folder.names == ["people.gallery"])
    }

    @Test func aFailedCreationLeavesNothing() throws {
        let lost = folder.file("nowhere/people.gallery")
        #expect(throws: GalleryError.self) {
            try EmbeddedGallery.create(lost, kind: .face, model: Sample.model, actor: "tests")
        }
        var model = Sample.model
        model.dimension = 0
        #expect(throws: GalleryError.self) { try make(model) }
        #expect(folder.names.isEmpty)
    }

    @Test func onlyOneOfManyCreatorsWins() throws {
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            do { _ = try make() } catch { failures.note("\(error)") }
        }
        #expect(failures.all.count == 7 && failures.all.allSatisfy { $0.contains("there is a file already") })
        #expect(folder.names.filter { $0.hasSuffix(".tmp") }.isEmpty)
        #expect(try EmbeddedGallery.open(path).audit(after: 0, limit: 9).count == 1)
    }

    @Test func galleriesBelongToTheirOwner() throws {
        let store = try make()
        _ = try store.added(Sample.entries(50))
        try store.optimised(.hnsw)
        for name in folder.names {
            let mode =
                try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
    }

    @Test func otherFilesAreRefused() throws {
        #expect(throws: GalleryError.missing(path: path)) { try EmbeddedGallery.open(path) }
        #expect(throws: GalleryError.notAGallery(path: folder.path, reason: "it is a folder")) {
            try EmbeddedGallery.open(folder.path)
        }
        for content in ["", "hello", String(repeating: "x", count: 5000)] {
            try Data(content.utf8).write(to: URL(filePath: path))
            #expect(throws: GalleryError.notAGallery(path: path, reason: "it is no SQLite database")) {
                try EmbeddedGallery.open(path)
            }
        }
        unlink(path)
        var handle: OpaquePointer?
        sqlite3_open(path, &handle)
        sqlite3_exec(handle, "CREATE TABLE t (x)", nil, nil, nil)
        sqlite3_close_v2(handle)
        #expect(
            throws: GalleryError.notAGallery(path: path, reason: "it is a SQLite database of another program")
        ) {
            try EmbeddedGallery.open(path)
        }
        #expect(folder.names == ["people.gallery"])
    }

    @Test func newerAndDamagedGalleriesAreRefused() throws {
        _ = try make()
        try tamper("PRAGMA user_version = 9")
        #expect(throws: GalleryError.newerSchema(path: path, found: 9, supported: 1)) {
            try EmbeddedGallery.open(path)
        }
        try tamper("PRAGMA user_version = 1; UPDATE gallery SET kind = 'horse'")
        #expect(throws: GalleryError.corrupt(path: path, reason: "it does not say what it holds")) {
            try EmbeddedGallery.open(path)
        }
        try tamper("DELETE FROM gallery")
        #expect(throws: GalleryError.self) { try EmbeddedGallery.open(path) }
        try tamper("DROP TABLE gallery")
        #expect(throws: GalleryError.self) { try EmbeddedGallery.open(path) }
    }

    @Test func anotherWriterMakesItBusy() throws {
        let store = try make()
        let impatient = try EmbeddedGallery.open(path, patience: 0.05)
        _ = try store.added(Sample.entries(20))
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        try #require(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
        try #require(sqlite3_exec(handle, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
        #expect(throws: GalleryError.busy(path: path)) { try impatient.added(Sample.entries(1, seed: 9)) }
        #expect(throws: GalleryError.busy(path: path)) { try impatient.delete(.image(1), actor: "tests") }
        #expect(try impatient.entry(1) != nil && impatient.statistics().images == 20)
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
        #expect(try impatient.added(Sample.entries(1, seed: 9)).count == 1)
    }

    // MARK: erasing

    /// Every byte of the files is compared with what was deleted, and with what stays.
    @Test(arguments: [IndexGoal.Kind.exact, .hnsw]) func deletedBytesAreGone(_ kind: IndexGoal.Kind) throws {
        // 2,048 values spread over several pages of SQLite.
        for dimension in [64, 2048] {
            let folder = try TemporaryFolder()
            let path = folder.file("people.gallery")
            var model = Sample.model
            model.dimension = dimension
            let store = try EmbeddedGallery.create(path, kind: .person, model: model, actor: "tests")
            let entries = Sample.entries(300, dimension: dimension)
            let ids = try store.added(entries)
            try store.optimised(kind)
            func holds(_ bytes: some Collection<UInt8>) throws -> Bool {
                let piece = Data(bytes)
                return try folder.names.contains { try folder.bytes($0).range(of: piece) != nil }
            }
            func pieces(_ entry: NewGalleryEntry) -> [[UInt8]] {
                let embedding = entry.embedding.withUnsafeBytes { Array($0) }
                return [
                    Array(embedding[..<32]), Array(embedding[100..<132]), Array(embedding.suffix(32)),
                    Array(entry.sha256.utf8), Array(entry.thumbnail![..<32]),
                    Array(entry.thumbnail!.suffix(32)),
                    Array(entry.path.utf8),
                ]
            }
            for piece in pieces(entries[3]) { #expect(try holds(piece)) }
            let report = try store.delete(.person("person-3"), actor: "tests")
            #expect(report.isErased && report.remark == nil, "\(report)")
            #expect(try store.delete(.image(ids[50]), actor: "tests").isErased)
            for (position, entry) in entries.enumerated() {
                let isGone = entry.identity == "person-3" || position == 50
                for piece in pieces(entry) { #expect(try holds(piece) != isGone, "entry \(position)") }
            }
            #expect(try !holds(Array("person-3".utf8) + [0]) && !holds("person-3\"".utf8))
            // Alone in its process, the log is empty.
            #expect(try folder.bytes("people.gallery-wal").isEmpty)
        }
    }

    @Test func whatOthersShareStays() throws {
        let store = try make()
        var entries = Sample.entries(20)
        entries[1].sha256 = entries[0].sha256
        entries[2].embedding = entries[0].embedding
        entries[2].thumbnail = entries[0].thumbnail
        entries[3].path = entries[0].path
        let ids = try store.added(entries)
        let report = try store.delete(.image(ids[0]), actor: "tests")
        #expect(
            report == DeletionReport(images: 1, identities: 1, isErased: true) || report.isErased, "\(report)"
        )
        #expect(try store.all().count == 19)
    }

    @Test func aReaderThatHoldsTheLogIsSaid() throws {
        let store = try EmbeddedGallery.create(path, kind: .person, model: Sample.model, actor: "tests")
        let ids = try store.added(Sample.entries(20))
        let impatient = try EmbeddedGallery.open(path, patience: 0.05)
        var handle: OpaquePointer?
        try #require(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
        defer { sqlite3_close_v2(handle) }
        sqlite3_exec(handle, "BEGIN; SELECT count(*) FROM images", nil, nil, nil)
        let held = try impatient.delete(.image(ids[0]), actor: "tests")
        #expect(
            held.images == 1 && !held.isErased && held.remark?.contains("another process") == true, "\(held)")
        sqlite3_exec(handle, "COMMIT", nil, nil, nil)
        #expect(try impatient.delete(.image(ids[1]), actor: "tests").isErased)
    }

    // MARK: damage

    @Test(arguments: [
        ("UPDATE images SET path = 'elsewhere' WHERE id = 5", "entries"),
        ("UPDATE images SET camera = 3 WHERE id = 5", "entries"),
        ("UPDATE identities SET name = 'somebody' WHERE id = 2", "entries"),
        ("DELETE FROM attributes WHERE image = 7", "entries"),
        ("UPDATE thumbnails SET jpeg = zeroblob(300) WHERE image = 3", "entries"),
        ("INSERT INTO identities (name) VALUES ('ghost')", "entries"),
        ("DELETE FROM embeddings WHERE image = 4", "embeddings"),
        ("DELETE FROM images WHERE id = 4", "entries"),
        ("UPDATE embeddings SET vector = zeroblob(128) WHERE image = 4", "embeddings"),
        (
            "UPDATE embeddings SET vector = (SELECT vector FROM embeddings WHERE image = 1) WHERE image = 2",
            "embeddings"
        ),
        ("UPDATE embeddings SET vector = zeroblob(12) WHERE image = 4", "embeddings"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM identities WHERE id = 1", "database"),
    ]) func editsBehindItsBackAreFound(_ sql: String, _ check: String) throws {
        let store = try make()
        _ = try store.added(Sample.entries(60))
        #expect(try store.checkIntegrity().isSound)
        try tamper(sql)
        let report = try EmbeddedGallery.open(path).checkIntegrity()
        #expect(report.checks.contains { $0.name == check && !$0.isSound }, "\(report)")
    }

    @Test func damagedPagesAreFound() throws {
        do { _ = try make().added(Sample.entries(200)) }
        let size = try folder.bytes("people.gallery").count
        for page in stride(from: 4096 * 3, to: size, by: 4096 * 5) {
            let copy = try folder.bytes("people.gallery")
            var damaged = copy
            damaged.replaceSubrange(page..<(page + 64), with: Data(repeating: 0x5A, count: 64))
            try damaged.write(to: URL(filePath: path))
            do {
                let report = try EmbeddedGallery.open(path).checkIntegrity()
                #expect(!report.isSound, "page \(page / 4096)")
            } catch {
                guard case .corrupt = error else { throw error }
            }
            try copy.write(to: URL(filePath: path))
        }
    }

    @Test func aDamagedIndexFileIsFoundAndNotUsed() throws {
        let entries = Sample.entries(400)
        let store = try make()
        let ids = try store.added(entries)
        try store.optimised(.hnsw)
        let file = path + ".index"
        let whole = try Data(contentsOf: URL(filePath: file))
        func look(_ what: String) throws {
            let store = try EmbeddedGallery.open(path)
            let report = try store.checkIntegrity()
            #expect(report.checks.contains { $0.name == "index file" && !$0.isSound }, "\(what): \(report)")
            let right = try entries.indices.filter {
                try store.hits(entries[$0].embedding, 1)[0].entry.id == ids[$0]
            }
            #expect(right.count >= 396, "\(what)")
        }
        for offset in [0, 9, 40, 200, whole.count / 2, whole.count - 9, whole.count - 1] {
            try flip(file, at: offset)
            try look("byte \(offset)")
            try whole.write(to: URL(filePath: file))
        }
        for count in [0, 7, 24, whole.count / 2, whole.count - 1] {
            try whole.prefix(count).write(to: URL(filePath: file))
            try look("cut to \(count) bytes")
        }
        unlink(file)
        try look("missing")
        try store.optimised(.hnsw)
        #expect(try EmbeddedGallery.open(path).checkIntegrity().isSound)
    }

    /// What is left when a process is killed after it wrote the file and before it recorded the optimisation.
    @Test(arguments: [IndexGoal.Kind.hnsw, .exact])
    func anUnrecordedIndexIsHarmless(recorded: IndexGoal.Kind) throws {
        let entries = Sample.entries(300)
        let ids: [Int64]
        do {
            let store = try make()
            ids = try store.added(entries)
            try store.optimised(.hnsw)
            let file = try folder.bytes("people.gallery.index")
            try store.optimised(recorded)
            try file.write(to: URL(filePath: path + ".index"))
        }
        let store = try EmbeddedGallery.open(path)
        let report = try store.checkIntegrity()
        #expect(report.isSound, "\(report)")
        let check = try #require(report.checks.first { $0.name == "index file" })
        #expect(
            check.detail.contains(recorded == .hnsw ? "stopped before it was done" : "none is needed"),
            "\(report)")
        for index in [0, 150, 299] {
            #expect(try store.hits(entries[index].embedding, 1)[0].entry.id == ids[index])
        }
        try store.optimised(.hnsw)
        let again = try EmbeddedGallery.open(path).checkIntegrity()
        #expect(
            again.isSound && again.checks.contains { $0.detail.contains("hnsw over 300 entries") }, "\(again)"
        )
    }

    @Test func anIndexOfAnotherGalleryIsNotUsed() throws {
        let store = try make()
        let entries = Sample.entries(300)
        _ = try store.added(entries)
        try store.optimised(.hnsw)
        let other = try EmbeddedGallery.create(
            folder.file("other.gallery"), kind: .person, model: Sample.model, actor: "tests")
        let strangers = Sample.entries(300, seed: 5)
        let ids = try other.added(strangers)
        try other.optimised(.hnsw)
        let data = try folder.bytes("people.gallery.index")
        try data.write(to: URL(filePath: folder.file("other.gallery.index")))
        let opened = try EmbeddedGallery.open(folder.file("other.gallery"))
        #expect(try !opened.checkIntegrity().isSound)
        #expect(
            try strangers.indices.allSatisfy {
                try opened.hits(strangers[$0].embedding, 1)[0].entry.id == ids[$0]
            })
    }

    @Test func unfinishedFilesOfDeadProcessesAreRemoved() throws {
        _ = try make().added(Sample.entries(5))
        let process = Process()
        process.executableURL = URL(filePath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        let dead = "\(path).index.\(process.processIdentifier).tmp"
        let living = "\(path).index.1.tmp"
        for file in [dead, living] { try Data("half".utf8).write(to: URL(filePath: file)) }
        _ = try EmbeddedGallery.open(path)
        #expect(access(dead, F_OK) != 0 && access(living, F_OK) == 0)
    }

    // MARK: inverted lists

    @Test func invertedListsFindWhatIsThere() throws {
        var entries = Sample.entries(10_400, people: 500)
        for index in entries.indices { entries[index].thumbnail = nil }
        let store = try make()
        var ids = try store.added(Array(entries[..<10_100]))
        let summary = try store.optimised(.ivfpq, recall: 0.95)
        #expect(summary.kind == "ivfpq" && summary.recall >= 0.95, "\(summary)")
        #expect((summary.memory ?? 0) < 10_100 * 4 * 32)
        ids += try store.added(Array(entries[10_100...]))
        #expect(try store.delete(.person("person-77"), actor: "tests").isErased)
        #expect(try store.delete(.image(ids[10_200]), actor: "tests").isErased)
        let gone = Set(entries.indices.filter { entries[$0].identity == "person-77" } + [10_200])
        for store in [store, try EmbeddedGallery.open(path)] {
            #expect(try store.checkIntegrity().isSound)
            var found = 0
            for seed in 0..<50 as Range<UInt64> {
                var random = Random(seed)
                let query = random.direction(32, near: entries[Int(seed) * 200].embedding)
                let hits = try store.hits(query, 10).map(\.entry.id)
                let wanted = Sample.nearest(query, entries, top: 10) { !gone.contains($0) }
                found += Set(hits).intersection(wanted.map { ids[$0.position] }).count
                #expect(!hits.contains { id in gone.contains { ids[$0] == id } })
            }
            #expect(found >= 450, "\(found) of 500")
            let filter = GalleryFilter(cameras: [3], attributes: [.init(name: "upper", value: "red")])
            let query = Random.unit(5)
            let wanted = Sample.nearest(query, entries, top: 40) { !gone.contains($0) && $0 % 6 == 3 }
            #expect(try store.hits(query, 40, filter).map(\.entry.id) == wanted.map { ids[$0.position] })
        }
        #expect(throws: GalleryError.self) {
            try EmbeddedGallery.create(
                folder.file("small.gallery"), kind: .person, model: Sample.model, actor: "tests"
            )
            .optimised(.ivfpq)
        }
    }
}
