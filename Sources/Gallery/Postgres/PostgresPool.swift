import Foundation

/// Connections to a server, one for each thread that needs one at the same time.
final class PostgresPool: @unchecked Sendable {
    private let address: PostgresAddress
    private let lock = NSLock()
    // Guarded by `lock`.
    private var idle: [PostgresConnection] = []

    init(_ address: PostgresAddress) { self.address = address }

    func with<Value>(
        _ body: (PostgresConnection) throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value {
        let connection = try take()
        defer { lock.withLock { idle.append(connection) } }
        return try body(connection)
    }

    /// A connection that stands: those that the server closed meanwhile are dropped.
    private func take() throws(GalleryError) -> PostgresConnection {
        while let connection = lock.withLock({ idle.popLast() }) {
            if connection.isAlive { return connection }
        }
        let connection = try PostgresConnection(address)
        // The gallery's tables first, then wherever the extension put its type.
        try connection.run(
            """
            SELECT set_config('search_path', quote_ident($1) || coalesce(', ' || (SELECT quote_ident(nspname)
            FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'), ''), false)
            """, [address.gallery])
        return connection
    }

    /// One state of the database.
    func reading<Value>(
        _ body: (PostgresConnection) throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value {
        try with { (connection: PostgresConnection) throws(GalleryError) in
            try connection.transaction(.reading) { () throws(GalleryError) in try body(connection) }
        }
    }
}
