import Foundation

/// A gallery in a schema of a PostgreSQL database with the extension pgvector. The server compares the vectors; several
/// processes on several machines may use it at the same time.
public final class PostgresGallery: GalleryStore, @unchecked Sendable {
    public let kind: SubjectKind
    public let model: EmbeddingModel
    public let location: String
    let pool: PostgresPool
    let name: String

    private init(_ address: PostgresAddress, _ pool: PostgresPool) throws(GalleryError) {
        (location, name, self.pool) = (address.display, address.gallery, pool)
        (kind, model) = try Self.description(address, pool)
    }

    /// Opens "postgresql://user@host/database?gallery=NAME".
    /// - Throws: `GalleryError.missing`, `.notAGallery`, `.newerSchema`, `.corrupt`, `.storage`, `.invalidArgument`.
    public static func open(_ url: String) throws(GalleryError) -> PostgresGallery {
        let address = try PostgresAddress(url)
        return try PostgresGallery(address, PostgresPool(address))
    }

    /// Makes a gallery: a schema of its name. When it throws, nothing is left of it.
    /// - Throws: `GalleryError.exists` when there is a schema of that name.
    public static func create(
        _ url: String, kind: SubjectKind, model: EmbeddingModel, actor: String
    ) throws(GalleryError) -> PostgresGallery {
        let address = try PostgresAddress(url)
        try model.check()
        guard model.dimension <= 16_000 else {
            throw .invalidArgument(
                "pgvector keeps up to 16000 values per vector; the model has \(model.dimension)")
        }
        let connection = try PostgresConnection(address)
        try connection.transaction(.writing) { () throws(GalleryError) in
            try enableVectors(connection, address)
            // The name is one of a-z, 0-9 and _ only.
            try connection.execute("CREATE SCHEMA \"\(address.gallery)\"")
            try connection.run(
                """
                SELECT set_config('search_path', quote_ident($1) || ', ' || (SELECT quote_ident(nspname)
                FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'), true)
                """, [address.gallery])
            try connection.execute(PostgresSchema.sql(dimension: model.dimension))
            try connection.run(
                """
                INSERT INTO gallery (version, uuid, kind, model, model_sha256, dimension, unmasked)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    "\(PostgresSchema.version)", UUID().uuidString, kind.rawValue, model.name, model.sha256,
                    "\(model.dimension)", model.unmasked ? "true" : "false",
                ])
            try note(.create, ["kind": kind.rawValue, "dimension": "\(model.dimension)"], actor, connection)
        }
        return try PostgresGallery(address, PostgresPool(address))
    }

    private static func enableVectors(
        _ connection: PostgresConnection, _ address: PostgresAddress
    ) throws(GalleryError) {
        // Two that make galleries at the same time would both add it, and one would fail.
        try connection.run("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", ["semblance vector"])
        guard try connection.run("SELECT 1 FROM pg_extension WHERE extname = 'vector'").count == 0 else {
            return
        }
        do throws(GalleryError) {
            try connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        } catch {
            throw .storage(
                path: address.display,
                reason:
                    "the database lacks the extension 'vector', which its administrator can add: CREATE EXTENSION vector (\(error))"
            )
        }
    }

    private static func description(
        _ address: PostgresAddress, _ pool: PostgresPool
    ) throws(GalleryError) -> (SubjectKind, EmbeddingModel) {
        try pool.reading { (connection: PostgresConnection) throws(GalleryError) in
            let schema = "SELECT 1 FROM pg_namespace WHERE nspname = $1"
            guard try connection.run(schema, [address.gallery]).count == 1 else {
                throw .missing(path: address.display)
            }
            let table = """
                SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                WHERE nspname = $1 AND relname = 'gallery'
                """
            guard try connection.run(table, [address.gallery]).count == 1 else {
                throw .notAGallery(
                    path: address.display, reason: "the schema '\(address.gallery)' has no table 'gallery'")
            }
            let rows = try connection.run(
                "SELECT version, kind, model, model_sha256, dimension, unmasked::integer FROM gallery")
            guard rows.count == 1, let version = rows.integer(0, 0) else {
                throw .corrupt(path: address.display, reason: "it does not say what it holds")
            }
            guard version <= PostgresSchema.version else {
                throw .newerSchema(
                    path: address.display, found: Int(version), supported: PostgresSchema.version)
            }
            let model = EmbeddingModel(
                name: rows.text(0, 2) ?? "", sha256: rows.text(0, 3) ?? "",
                dimension: Int(rows.integer(0, 4) ?? 0), unmasked: rows.integer(0, 5) == 1)
            guard let kind = rows.text(0, 1).flatMap(SubjectKind.init(rawValue:)), (try? model.check()) != nil
            else { throw .corrupt(path: address.display, reason: "it does not say what it holds") }
            return (kind, model)
        }
    }

    /// Changes the gallery, alone among all processes on all machines.
    func write<Value>(
        _ body: (PostgresConnection) throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value {
        try pool.with { (connection: PostgresConnection) throws(GalleryError) in
            try connection.transaction(.writing) { () throws(GalleryError) in
                try connection.execute("SET LOCAL lock_timeout = '10s'")
                try connection.run(
                    "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", ["semblance gallery \(name)"])
                return try body(connection)
            }
        }
    }

    func plan(_ connection: PostgresConnection) throws(GalleryError) -> PostgresPlan {
        let rows = try connection.run("SELECT plan FROM gallery")
        guard rows.count == 1 else { throw .corrupt(path: location, reason: "it does not say what it holds") }
        guard let text = rows.text(0, 0) else { return .exact }
        guard let plan = try? JSONDecoder().decode(PostgresPlan.self, from: Data(text.utf8)) else {
            throw .corrupt(path: location, reason: "the description of its index cannot be read")
        }
        return plan
    }
}
