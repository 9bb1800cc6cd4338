import CPostgres
import Foundation
import Gallery
import Testing

struct PostgresMaker: StoreMaker {
    let server: PostgresServer
    let location: String
    let provesErasure = false

    init() throws {
        server = try PostgresServer.shared.get()
        location = server.location("g" + UUID().uuidString.lowercased().filter { $0 != "-" })
    }

    func create(_ kind: SubjectKind, _ model: EmbeddingModel) throws -> any GalleryStore {
        try PostgresGallery.create(location, kind: kind, model: model, actor: "tests")
    }

    func reopen(_ store: any GalleryStore) throws -> any GalleryStore { try PostgresGallery.open(location) }
}

@Suite(
    .enabled(if: PostgresServer.programs != nil, "there is no PostgreSQL for tests; run Scripts/setup --all"))
struct PostgresGalleryTests {
    @Test(arguments: StoreContract.allCases) func contract(_ part: StoreContract) throws {
        try part.check(PostgresMaker())
    }

    /// Runs SQL on the server behind the gallery's back.
    private func tamper(_ maker: PostgresMaker, _ sql: String) throws {
        let url = maker.location.split(separator: "&").dropLast().joined(separator: "&")
        let name = maker.location.split(separator: "=").last ?? ""
        let connection = PQconnectdb(url)
        defer { PQfinish(connection) }
        let result = PQexec(connection, "SET search_path TO \(name), public; \(sql)")
        defer { PQclear(result) }
        try #require(
            PQresultStatus(result) == PGRES_COMMAND_OK, "\(String(cString: PQerrorMessage(connection)))")
    }

    @Test func creatingNeverReplaces() throws {
        let maker = try PostgresMaker()
        let store = try maker.create(.person, Sample.model)
        _ = try store.added(Sample.entries(3))
        #expect(throws: GalleryError.exists(path: store.location)) { try maker.create(.face, Sample.model) }
        #expect(try maker.reopen(store).all().count == 3)
    }

    @Test func othersAreRefused() throws {
        let maker = try PostgresMaker()
        #expect {
            try PostgresGallery.open(maker.location)
        } throws: { error in
            if case .missing = error as? GalleryError { true } else { false }
        }
        let store = try maker.create(.person, Sample.model)
        try tamper(maker, "UPDATE gallery SET version = 7")
        #expect(throws: GalleryError.newerSchema(path: store.location, found: 7, supported: 1)) {
            try maker.reopen(store)
        }
        try tamper(maker, "DELETE FROM gallery")
        #expect(throws: GalleryError.corrupt(path: store.location, reason: "it does not say what it holds")) {
            try maker.reopen(store)
        }
        try tamper(maker, "DROP TABLE gallery")
        #expect {
            try maker.reopen(store)
        } throws: { error in
            if case .notAGallery = error as? GalleryError { true } else { false }
        }
        #expect {
            try PostgresGallery.open("postgresql:///nobody?host=/nonexistent&gallery=a")
        } throws: { error in
            if case .storage(_, let reason) = error as? GalleryError {
                reason.contains("cannot be reached")
            } else {
                false
            }
        }
    }

    @Test(arguments: [
        ("postgresql://anna:secret@host:5432/db?gallery=people&sslmode=require", "people"),
        ("postgres://anna:secret@host/db?password=secret&gallery=people", "people"),
    ]) func addressesHideThePassword(_ text: String, _ name: String) throws {
        // Nothing listens there; the message must name the gallery, and not the password.
        do {
            _ = try PostgresGallery.open(
                text.replacing("@host", with: "@127.0.0.1") + "&connect_timeout=2&port=1")
            Issue.record("there is no such server")
        } catch {
            #expect("\(error)".contains("gallery=\(name)") && !"\(error)".contains("secret"), "\(error)")
        }
    }

    @Test(arguments: [
        "postgresql:///db", "postgresql:///db?gallery=", "postgresql:///db?gallery=a;drop",
        "postgresql:///db?gallery=1a",
        "postgresql:///db?gallery=pg_catalog", "postgresql:///db?gallery=A",
        "postgresql:///db?gallery=a&gallery=b",
    ]) func badNamesAreRefused(_ location: String) {
        #expect {
            try PostgresGallery.open(location)
        } throws: { error in
            if case .invalidArgument = error as? GalleryError { true } else { false }
        }
    }

    @Test func locationsChooseTheStore() throws {
        let maker = try PostgresMaker()
        let made = try GalleryLocation.create(
            maker.location, kind: .face, model: Sample.model, actor: "tests")
        #expect(made is PostgresGallery)
        #expect(try GalleryLocation.open(maker.location) is PostgresGallery)
        let folder = try TemporaryFolder()
        let file = folder.file("a.gallery")
        #expect(
            try GalleryLocation.create(file, kind: .face, model: Sample.model, actor: "tests")
                is EmbeddedGallery)
        #expect(try GalleryLocation.open(file) is EmbeddedGallery)
    }

    @Test(arguments: [
        ("UPDATE images SET path = 'elsewhere' WHERE id = 5", "entries"),
        ("DELETE FROM attributes WHERE image = 7", "entries"),
        ("INSERT INTO identities (name) VALUES ('ghost')", "entries"),
        ("DELETE FROM embeddings WHERE image = 4", "embeddings"),
        (
            "UPDATE embeddings SET vector = (SELECT vector FROM embeddings WHERE image = 1) WHERE image = 2",
            "embeddings"
        ),
        ("DROP INDEX embeddings_near", "index"),
    ]) func editsBehindItsBackAreFound(_ sql: String, _ check: String) throws {
        let maker = try PostgresMaker()
        let store = try maker.create(.person, Sample.model)
        _ = try store.added(Sample.entries(60))
        try store.optimised(.hnsw)
        #expect(try store.checkIntegrity().isSound)
        try tamper(maker, sql)
        let report = try store.checkIntegrity()
        #expect(report.checks.contains { $0.name == check && !$0.isSound }, "\(report)")
    }

    @Test func invertedListsFindWhatIsThere() throws {
        let store = try PostgresMaker().create(.person, Sample.model)
        let entries = Sample.entries(1000, people: 50)
        let ids = try store.added(entries)
        let summary = try store.optimised(.ivfpq, recall: 0.95)
        #expect(summary.kind == "ivfflat" && summary.recall >= 0.95, "\(summary)")
        let right = try entries.indices.filter {
            try store.hits(entries[$0].embedding, 1)[0].entry.id == ids[$0]
        }
        #expect(right.count >= 950)
    }

    @Test func lostConnectionsAreMadeAnew() throws {
        let maker = try PostgresMaker()
        let store = try maker.create(.person, Sample.model)
        _ = try store.added(Sample.entries(5))
        try tamper(
            maker,
            "DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'semblance' AND query LIKE '%audit%'; END $$"
        )
        #expect(try store.all().count == 5)
    }
}
