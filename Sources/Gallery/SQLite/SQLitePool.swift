import Foundation

/// Connections for reading, one for each thread that reads at the same time.
final class SQLitePool: @unchecked Sendable {
    private let path: String
    private let patience: Double
    private let lock = NSLock()
    // Guarded by `lock`.
    private var idle: [SQLiteConnection] = []

    init(_ path: String, patience: Double) {
        self.path = path
        self.patience = patience
    }

    func with<Value>(
        _ body: (SQLiteConnection) throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value {
        let connection = try take()
        defer { lock.withLock { idle.append(connection) } }
        return try body(connection)
    }

    private func take() throws(GalleryError) -> SQLiteConnection {
        if let connection = lock.withLock({ idle.popLast() }) { return connection }
        return try SQLiteConnection(path, patience: patience)
    }

    /// One state of the database.
    func reading<Value>(
        _ body: (SQLiteConnection) throws(GalleryError) -> Value
    ) throws(GalleryError) -> Value {
        try with { (connection: SQLiteConnection) throws(GalleryError) in
            try connection.transaction(.reading) { () throws(GalleryError) in try body(connection) }
        }
    }
}
